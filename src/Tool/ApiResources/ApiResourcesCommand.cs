using System.CommandLine;
using ActorKube.CommandLine;
using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Tool;

/// <summary><c>actorkube api-resources</c>: what a server offers, in the words and columns of <c>kubectl api-resources</c>, whose options it has.</summary>
internal static class ApiResourcesCommand
{
    public static Command Create()
    {
        var group = new Option<string?>("--api-group") { HelpName = "GROUP", Description = "Resources of this group alone; an empty one is the core group." };
        var namespaced = new Option<bool?>("--namespaced") { Description = "Resources that live in namespaces alone; with 'false', those that do not." };
        var verbs = Names("--verbs", "VERBS", "Resources that have all of these verbs alone, such as list,watch.");
        var categories = Names("--categories", "NAMES", "Resources of all of these categories alone, such as all.");
        var output = new Option<string?>("--output", "-o") { HelpName = "FORM", Description = "'wide' for verbs and categories too, 'name' for names alone." };
        output.AcceptOnlyFromAmong("wide", "name");
        var sortBy = new Option<string?>("--sort-by") { HelpName = "COLUMN", Description = "'name' or 'kind'; default: by group, then name." };
        sortBy.AcceptOnlyFromAmong("name", "kind");
        var noHeaders = new Option<bool>("--no-headers") { Description = "Leave out the line of column names." };
        var cached = new Option<bool>("--cached") { Description = "Take what kubectl, or this command, has kept on disk where it is young enough." };
        var cacheDirectory = new Option<DirectoryInfo?>("--cache-dir") { HelpName = "PATH", Description = "Where that is kept; default: ~/.kube/cache." };
        var command = new Command("api-resources", "Prints the resources that an API server offers, as kubectl does.")
        {
            group, namespaced, verbs, categories, output, sortBy, noHeaders, cached, cacheDirectory,
        };
        var connection = ConnectionOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            try
            {
                // As kubectl: who asks this has a cluster in mind, and nothing is changed there.
                using var client = new KubernetesClient(connection.Load(parsed, LoadingRules.Kubectl));
                var discovery = new DiskDiscoveryCache(client.Discovery,
                    DiskDiscoveryCache.DirectoryFor(client.Configuration.Server, parsed.GetValue(cacheDirectory)?.FullName));
                if (!parsed.GetValue(cached)) discovery.Invalidate();
                var api = await discovery.GetApiAsync(cancellation);

                var wanted = new ResourceFilter(parsed.GetValue(group), parsed.GetValue(namespaced), parsed.GetValue(verbs) ?? [], parsed.GetValue(categories) ?? []);
                var table = new ResourceTable(parsed.GetValue(output), parsed.GetValue(sortBy), !parsed.GetValue(noHeaders));
                await parsed.InvocationConfiguration.Output.WriteAsync(table.Print(api.PreferredResources.Where(wanted.Takes)));
                if (api.Failures.Count == 0) return 0;
                foreach (var (groupVersion, reason) in api.Failures) await error.WriteLineAsync($"actorkube api-resources: {groupVersion} could not be asked: {reason}");
                return 1;
            }
            catch (Exception failure) when (failure is KubeConfigException or KubernetesException or HttpRequestException or IOException)
            {
                await error.WriteLineAsync($"actorkube api-resources: {failure.Message}");
                return 1;
            }
        });
        return command;
    }

    /// <summary>An option that takes several names, with commas or given more than once.</summary>
    private static Option<string[]> Names(string name, string value, string description) => new(name)
    {
        HelpName = value, Description = description,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
    };
}
