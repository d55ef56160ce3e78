using ActorKube.Soak;

SoakOptions options;
try
{
    options = SoakOptions.Parse(args);
}
catch (FormatException error)
{
    Console.Error.WriteLine(error.Message);
    Console.Error.WriteLine(SoakOptions.Usage);
    return 2;
}
await using var soak = await SoakRun.StartAsync(options);
return await soak.RunAsync() ? 0 : 1;
