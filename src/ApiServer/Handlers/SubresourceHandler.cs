using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What stands below an object: status, scale, finalize, binding, eviction; a pod's logs and sessions.</summary>
internal sealed class SubresourceHandler(
    ObjectService objects, ReadHandler reads, WriteHandler writes, Patcher patcher, TokenHandler tokens, PodLogHandler logs, PodSessionHandler sessions, PortForwardHandler ports, ProxyHandler proxy)
{
    public Task HandleAsync(Exchange exchange, ApiResource row, RequestInfo info, string name, string verb)
    {
        var subresource = row.Subresource(name) ?? throw (row.Custom is null ? Errors.NoSuchResource() : Errors.NotFound(row.GroupResource, info.Name!));
        if (info.Rest.Count > 0 && name != "proxy")
        {
            throw Errors.NoSuchResource();
        }
        if (Array.IndexOf(subresource.Verbs, verb) < 0)
        {
            throw row.Custom is null ? Errors.MethodNotAllowed()
                : Errors.Of(405, "MethodNotAllowed", $"{verb} is not supported on resources of kind \"{row.Plural}.{row.Group}\"", Errors.Details(null, row.Group, row.Plural));
        }
        return (name, verb) switch
        {
            ("status" or "approval" or "ephemeralcontainers", "get") => reads.GetAsync(exchange, row, info.Namespace, info.Name!),
            ("status", "update") => writes.UpdateAsync(exchange, row, info.Namespace, info.Name!, "status"),
            ("status", "patch") => writes.PatchAsync(exchange, row, info.Namespace, info.Name!, "status"),
            ("approval" or "ephemeralcontainers", "update") => writes.UpdateAsync(exchange, row, info.Namespace, info.Name!, name),
            ("approval" or "ephemeralcontainers", "patch") => writes.PatchAsync(exchange, row, info.Namespace, info.Name!, name),
            ("scale", _) => ScaleAsync(exchange, row, info, verb),
            ("finalize", "update") => FinalizeAsync(exchange, row, info),
            ("binding", "create") => BindAsync(exchange, row, info.Namespace!, info.Name),
            ("token", "create") => tokens.IssueAsync(exchange, row, info),
            ("eviction", "create") => EvictAsync(exchange, row, info),
            ("log", "get") => logs.AnswerAsync(exchange, row, info),
            ("exec", _) => ConnectAsync(exchange, row, info, subresource, sessions.ExecAsync),
            ("attach", _) => ConnectAsync(exchange, row, info, subresource, sessions.AttachAsync),
            ("proxy", _) => ConnectAsync(exchange, row, info, subresource, proxy.AnswerAsync),
            ("portforward", _) => ConnectAsync(exchange, row, info, subresource, ports.AnswerAsync),
            _ => throw Errors.Of(501, "NotImplemented", $"the embedded server does not serve {row.Plural}/{name}", []),
        };
    }

    /// <summary>Opens a session, unless admission says no.</summary>
    private async Task ConnectAsync(Exchange exchange, ApiResource row, RequestInfo info, ApiSubresource subresource, Func<Exchange, ApiResource, RequestInfo, Task> connect)
    {
        await objects.AdmitConnectionAsync(row, info.Namespace, info.Name!, subresource, exchange).ConfigureAwait(false);
        await connect(exchange, row, info).ConfigureAwait(false);
    }

    private async Task FinalizeAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var context = exchange.WriteContext();
        var tree = await BodyReader.ReadObjectAsync(exchange, row, []).ConfigureAwait(false);
        var given = tree.Metadata().Text("name") ?? "";
        if (given != info.Name)
        {
            throw Errors.BadRequest(given.Length == 0 ? $"the name of the object ({info.Name} based on URL) was undeterminable: name must be provided"
                : $"the name of the object ({given}) does not match the name on the URL ({info.Name})");
        }
        var finalizers = tree.At("spec", "finalizers")?.DeepClone();
        var errors = new FieldErrors();
        NamespaceStrategy.Finalizers(tree, index => $"spec.finalizers[{index}]", errors);
        if (errors.Any)
        {
            throw Errors.Invalid(row.Group, row.Kind, info.Name!, errors);
        }
        await objects.AdmitFinalizeAsync(row, info.Name!, finalizers as JsonArray ?? [], context).ConfigureAwait(false);
        var result = objects.Finalize(row, info.Name!, finalizers as JsonArray ?? [], context);
        await writes.AnswerAsync(exchange, row, Accepted.ForObjects(exchange.Accept, row.Custom is null), context, result).ConfigureAwait(false);
    }

    /// <summary>Puts a pod on a node.</summary>
    public async Task BindAsync(Exchange exchange, ApiResource row, string @namespace, string? name)
    {
        var problems = new List<string>();
        var body = await BodyReader.ReadObjectAsync(exchange, row, problems, "Binding", "v1").ConfigureAwait(false);
        ObjectService.Report("Binding", "v1", problems, exchange.WriteContext());
        name ??= body.Metadata().Text("name") ?? throw Errors.BadRequest("name must be provided");
        if (body.Metadata().Text("name") is var named && named != name)
        {
            throw Errors.BadRequest("name in URL does not match name in Binding object");
        }
        var errors = new FieldErrors();
        if (body.TextAt("target", "kind") is { Length: > 0 } kind and not "Node")
        {
            errors.NotSupported("target.kind", kind, ["Node", "<empty>"]);
        }
        if (string.IsNullOrEmpty(body.TextAt("target", "name")))
        {
            errors.Required("target.name");
        }
        if (errors.Any)
        {
            // The real server did not mean to say it so either.
            throw Errors.Unforeseen(errors.Joined());
        }
        var pods = objects.Table.Current.Find("", "v1", "pods")!;
        var context = exchange.WriteContext();
        body = await objects.AdmitBelowAsync(pods, @namespace, name, "binding", body, context).ConfigureAwait(false);
        objects.Bind(pods, @namespace, name, body, context.DryRun);
        var answer = Errors.Success(null);
        answer["code"] = 201;
        await exchange.Answer(201, answer).ConfigureAwait(false);
    }

    private async Task EvictAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var body = await BodyReader.ReadObjectAsync(exchange, row, [], "Eviction", "policy/v1").ConfigureAwait(false);
        body.Default("kind", "Eviction");
        body.Default("apiVersion", "policy/v1");
        if ((body.Metadata().Text("name") ?? "") != info.Name)
        {
            throw Errors.BadRequest("name in URL does not match name in Eviction object");
        }
        var context = exchange.WriteContext();
        body = await objects.AdmitBelowAsync(row, info.Namespace, info.Name!, "eviction", body, context).ConfigureAwait(false);
        var options = DeleteOptions.Read(body.Child("deleteOptions") ?? [], exchange);
        DisruptionBudgets.Spend(objects, row, info.Namespace!, info.Name!, options.DryRun || context.DryRun);
        if (!options.DryRun && !context.DryRun)
        {
            DisruptionBudgets.Mark(objects, row, info.Namespace!, info.Name!);
        }
        await objects.DeleteAsync(row, info.Namespace, info.Name!, options, exchange.DeleteContext(options.DryRun || context.DryRun)).ConfigureAwait(false);
        exchange.Warn(context.Warnings);
        var answer = Errors.Success(null);
        answer["code"] = 201;
        await exchange.Answer(201, answer).ConfigureAwait(false);
    }

    private async Task ScaleAsync(Exchange exchange, ApiResource row, RequestInfo info, string verb)
    {
        var stored = row.Store.Current.Get(info.Namespace ?? "", info.Name!)
            ?? throw ScaleForm.NotFound(row, info.Name!, verb);
        if (verb == "get")
        {
            var read = ScaleForm.Of(row, await ObjectService.ViewAsync(row, stored, exchange.DeleteContext(dryRun: false)).ConfigureAwait(false));
            await (Accepted.ForObjects(exchange.Accept, protobuf: true) is { Form: OutputForm.Table or OutputForm.PartialMetadata } form
                ? reads.AnswerTreeAsync(exchange, row, form, 200, read, row.Custom is null ? ScaleForm.Columns : ScaleForm.CustomColumns)
                : exchange.Answer(200, read)).ConfigureAwait(false);
            return;
        }
        var context = exchange.WriteContext(verb == "patch" && Patcher.IsApply(exchange));
        var problems = new List<string>();
        PatchBody? patch = null;
        JsonObject? body = null;
        if (verb == "patch")
        {
            patch = await patcher.ReadAsync(exchange, row).ConfigureAwait(false);
        }
        else
        {
            try
            {
                body = await BodyReader.ReadObjectAsync(exchange, row, problems, "Scale", "autoscaling/v1").ConfigureAwait(false);
            }
            catch (ApiException wrong) when (row.Custom is not null && (wrong.Code == 422 || wrong.Message.Contains("expected API version", StringComparison.Ordinal)))
            {
                throw Errors.BadRequest("no kind is registered for the type v1.Scale in scheme \"k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:725\"");
            }
            ObjectService.Report("Scale", "v1", problems, context);
            ObjectService.RequireName(info.Name!, body.Metadata());
            if (row.Custom is null && body.Metadata().Text("namespace") is { Length: > 0 } space && space != info.Namespace)
            {
                throw Errors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            }
        }
        var applied = patch is { Type: PatchType.Apply };
        var result = await objects.ChangeAsync(row, info.Namespace, info.Name!, old =>
        {
            if (applied && row.Custom is not null)
            {
                // The real server does not get this far with custom kinds.
                throw Errors.Unforeseen($"failed to convert new object (/{info.Name}; autoscaling/v1, Kind=Scale) to proper version: request to convert CR to an invalid group/version: autoscaling/v1");
            }
            if (applied)
            {
                return ScaleApply.Lay(objects.FieldManagement, row, old, patch!.Body, context, info.Name!);
            }
            var scale = patch is null ? body!.Copy() : Patcher.CombineAs(row, ScaleForm.Of(row, old, forWriting: true), patch, "Scale", "autoscaling/v1", []);
            return ScaleForm.Put(row, old, scale, info.Name!);
        }, context, "scale", applied ? FieldManagement.Applied : null).ConfigureAwait(false);
        exchange.Warn(context.Warnings);
        await exchange.Answer(200, ScaleForm.Of(row, result.Tree)).ConfigureAwait(false);
    }
}
