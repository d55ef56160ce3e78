using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ActorKube.ApiServer;

/// <summary>One request and its answer: typed access to what handlers need of an <see cref="HttpContext"/>.</summary>
internal sealed class Exchange(HttpContext context, UserInfo user, TimeProvider time)
{
    public const string JsonType = "application/json";
    public const string TextType = "text/plain; charset=utf-8";

    public HttpContext Http => context;

    /// <summary>The server's clock.</summary>
    public TimeProvider Time => time;

    public string Method => context.Request.Method;

    /// <summary>The request is about something that has no protobuf form.</summary>
    public bool OnlyJson { get; set; }

    public UserInfo User => user;

    /// <summary>What is counted of this request; null for what is not counted.</summary>
    public RequestMetrics.Request? Metered { get; set; }

    public CancellationToken Aborted => context.RequestAborted;

    public string? Accept => context.Request.Headers.Accept is { Count: > 0 } values ? values.ToString() : null;

    public string? Query(string name) => context.Request.Query.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : null;

    public bool Flag(string name)
    {
        var value = Query(name);
        return value switch
        {
            null => false,
            // As the real server reads options: everything but these two means yes.
            "0" => false,
            _ => !value.Equals("false", StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>A whole number in the query.</summary>
    /// <exception cref="ApiException">400: it is none.</exception>
    public long? Number(string name)
    {
        if (Query(name) is not { } text)
        {
            return null;
        }
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }
        var digits = text.AsSpan(text.StartsWith('-') || text.StartsWith('+') ? 1 : 0);
        throw Errors.BadRequest($"strconv.ParseInt: parsing {FieldErrors.Quote(text)}: {(digits.Length > 0 && digits.IndexOfAnyExceptInRange('0', '9') < 0 ? "value out of range" : "invalid syntax")}");
    }

    /// <summary>Who writes: the fieldManager parameter, or the first part of the User-Agent.</summary>
    public string FieldManager()
    {
        if (Query("fieldManager") is { Length: > 0 } manager)
        {
            return manager;
        }
        var agent = context.Request.Headers.UserAgent.ToString();
        var end = agent.IndexOf('/', StringComparison.Ordinal);
        var name = end < 0 ? agent : agent[..end];
        return name.Length == 0 ? "unknown" : name.Length > 128 ? name[..128] : name;
    }

    /// <summary>What the request's write has to warn of so far, also where it fails.</summary>
    public IEnumerable<string> PendingWarnings => _written?.Warnings ?? [];

    private WriteContext? _written;

    public WriteContext WriteContext(bool applied = false)
    {
        var dryRun = context.Request.Query["dryRun"];
        if (Method == "PATCH")
        {
            CheckPatchOptions(applied);
        }
        if (dryRun.Any(d => d != "All"))
        {
            throw DryRunError(dryRun);
        }
        CheckFieldManager();
        var validation = Query("fieldValidation") is { Length: > 0 } asked ? asked : "Warn";
        if (validation is not ("Ignore" or "Warn" or "Strict"))
        {
            var errors = new FieldErrors();
            errors.NotSupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]);
            throw Errors.Invalid("meta.k8s.io", OptionsKind, "", errors);
        }
        return _written = new WriteContext
        {
            DryRun = dryRun.Count > 0,
            FieldValidation = validation,
            FieldManager = FieldManager(),
            Force = Flag("force"),
            Applied = applied,
            User = user,
            Admitted = true,
            Options = GivenOptions(),
            Cancellation = Aborted,
        };
    }

    private JsonObject GivenOptions()
    {
        var options = new JsonObject();
        if (Query("dryRun") is not null)
        {
            options["dryRun"] = new JsonArray("All");
        }
        foreach (var field in (string[])["fieldManager", "fieldValidation"])
        {
            if (Query(field) is { Length: > 0 } given)
            {
                options[field] = given;
            }
        }
        return options;
    }

    private void CheckFieldManager()
    {
        const int longest = 128;
        if (Query("fieldManager") is not { Length: > 0 } manager)
        {
            return;
        }
        var errors = new FieldErrors();
        if (manager.Length > longest)
        {
            errors.TooLong("fieldManager", longest);
        }
        if (manager.AsSpan().IndexOfAnyInRange('\0', '\x1f') is >= 0 and var odd)
        {
            errors.Invalid("fieldManager", manager, $"invalid character U+{(int)manager[odd]:X4} (at position {odd})");
        }
        if (errors.Any)
        {
            throw Errors.Invalid("meta.k8s.io", OptionsKind, "", errors);
        }
    }

    private void CheckPatchOptions(bool applied)
    {
        var errors = new FieldErrors();
        if (applied && string.IsNullOrEmpty(Query("fieldManager")))
        {
            errors.Required("fieldManager", "is required for apply patch");
        }
        if (!applied && Query("force") is not null)
        {
            errors.Forbidden("force", "may not be specified for non-apply patch");
        }
        if (errors.Any)
        {
            throw Errors.Invalid("meta.k8s.io", "PatchOptions", "", errors);
        }
    }

    private string OptionsKind => Method switch { "POST" => "CreateOptions", "PUT" => "UpdateOptions", "DELETE" => "DeleteOptions", _ => "PatchOptions" };

    /// <summary>The context of a deletion, whose options are read elsewhere.</summary>
    public WriteContext DeleteContext(bool dryRun) => new()
    {
        FieldManager = FieldManager(), FieldValidation = "Ignore", DryRun = dryRun, User = user, Admitted = true, Cancellation = Aborted,
    };

    private ApiException DryRunError(IEnumerable<string?> given)
    {
        var errors = new FieldErrors();
        errors.Add("FieldValueNotSupported", "dryRun", $"Unsupported value: []string{{{string.Join(", ", given.Select(g => FieldErrors.Quote(g ?? "")))}}}: supported values: \"All\"");
        return Errors.Invalid("meta.k8s.io", OptionsKind, "", errors);
    }

    private WarningHeaders? _warnings;

    /// <summary>Adds Warning headers; before the answer's first byte.</summary>
    public void Warn(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            (_warnings ??= new WarningHeaders(context.Response)).Add(warning);
        }
    }

    /// <summary>Whether a human reads the answer: it was asked for, or comes from a tool that people use.</summary>
    public bool IsPretty => Query("pretty") is { Length: > 0 } asked ? asked is "1" or "t" or "T" or "true" or "TRUE" or "True"
        : context.Request.Headers.UserAgent.ToString() is var agent && (agent.StartsWith("curl", StringComparison.Ordinal)
            || agent.StartsWith("Wget", StringComparison.Ordinal) || agent.StartsWith("Mozilla/5.0", StringComparison.Ordinal));

    public Task Answer(int code, JsonNode body, string? contentType = null)
    {
        // What has a protobuf form is answered in it where that is what the client likes best: a Status, a Scale, a token …
        // What is refused is told in it even where the thing itself has no such form.
        if (contentType is null && (!OnlyJson || code >= 400) && body is JsonObject tree && Accepted.PrefersProtobuf(Accept, plain: code >= 400) && ProtobufForm.Of(tree) is { } bytes)
        {
            return Answer(code, bytes, ProtobufForm.MediaType);
        }
        if (contentType is null && Accepted.PrefersYaml(Accept))
        {
            return Answer(code, YamlForm.Of(body), YamlForm.MediaType);
        }
        return Answer(code, Json.Bytes(body, IsPretty), contentType ?? JsonType);
    }

    /// <summary>A document that is told in JSON alone, with its lines indented for whoever asks.</summary>
    public Task AnswerForPeople(JsonNode body) => Answer(200, Json.Bytes(body, pretty: true), JsonType);

    public async Task Answer(int code, ReadOnlyMemory<byte> body, string contentType)
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(Method))
        {
            await response.Body.WriteAsync(body, Aborted).ConfigureAwait(false);
        }
    }

    public Task AnswerText(int code, string text) => Answer(code, System.Text.Encoding.UTF8.GetBytes(text), TextType);
}
