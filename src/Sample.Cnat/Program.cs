using System.CommandLine;
using Cnat;

// Ctrl-C cancels the run, which then has this long to stop everything in order.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(5) };
return await CnatCommand.Create(CnatApp.RunAsync).Parse(args).InvokeAsync(configuration);
