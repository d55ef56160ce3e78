using System.CommandLine;
using ActorKube.Tool;

var root = new RootCommand("ActorKube's tool: code and CRDs from one another, and an API server to try them on.")
{
    GenerateCommand.Create(),
    ApiServerCommand.Create(),
    ApiResourcesCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
