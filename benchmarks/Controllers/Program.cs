using Controllers;

// dotnet run -c Release --project benchmarks/Controllers -- startup | ready PROGRAM [ARGUMENT...] | latency [WRITES/S] [SECONDS] [client|server] | keys [KEYS] | kinds [KINDS] [CONTROLLERS] | objects [OBJECTS] | plot MEASURED SVG
return args switch
{
    ["startup"] => await Startup.MeasureAsync(),
    ["ready", var program, .. var rest] => await Startup.MeasureReadyAsync(program, rest),
    ["child", var server] => await Startup.RunControllerAsync(new Uri(server)),
    ["latency", .. var rest] => await Latency.MeasureAsync(Number(rest, 0, 500), Number(rest, 1, 20), within: rest is [_, _, "server"]),
    ["keys", .. var rest] => await Scale.KeysAsync(Number(rest, 0, 1_000_000)),
    ["kinds", .. var rest] => await Scale.KindsAsync(Number(rest, 0, 100), Number(rest, 1, 50)),
    ["objects", .. var rest] => await Scale.ObjectsAsync(Number(rest, 0, 200_000)),
    ["plot", var measured, var svg] => Plot.Draw(measured, svg),
    _ => Usage(),
};

static int Number(string[] rest, int at, int otherwise) => rest.Length > at ? int.Parse(rest[at], System.Globalization.CultureInfo.InvariantCulture) : otherwise;

static int Usage()
{
    Console.Error.WriteLine("usage: Controllers startup | ready PROGRAM [ARGUMENT...] | latency [WRITES/S] [SECONDS] [client|server] | keys [KEYS] | kinds [KINDS] [CONTROLLERS] | objects [OBJECTS] | plot MEASURED SVG");
    return 2;
}
