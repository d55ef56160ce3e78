using System.Globalization;
using System.Text;

namespace ActorKube.Kubelet;

/// <summary>
/// Runs commands in a simulated container: a shell's sequences, conditions, loops, pipes, variables and redirections around the programs of
/// <see cref="ShellPrograms"/>. Everything is bounded: a loop that never waits is stopped.
/// </summary>
internal sealed class SimulatedShell
{
    private const int MaxStepsWithoutWaiting = 20_000;
    private const int MaxDepth = 20;
    private const int MaxOutput = 4 * 1024 * 1024;
    private readonly Dictionary<string, string> _variables;
    private int _steps;
    private int _depth;
    private int _status;

    public SimulatedShell(ContainerLife container, SimulatedProcess process)
    {
        (Container, Process) = (container, process);
        _variables = new Dictionary<string, string>(process.Environment, StringComparer.Ordinal);
    }

    public ContainerLife Container { get; }

    public SimulatedProcess Process { get; }

    /// <summary>The working folder.</summary>
    public string Folder { get; set; } = "/";

    public IReadOnlyDictionary<string, string> Variables => _variables;

    public void Set(string name, string value) => _variables[name] = value;

    /// <summary>Runs a command to its end.</summary>
    /// <returns>The exit code; null where the program is none that the simulator knows.</returns>
    public async Task<int?> RunAsync()
    {
        if (!ShellPrograms.Knows(Process.Command[0]))
        {
            return null;
        }
        try
        {
            return await ShellPrograms.RunAsync(this, new ShellStreams(Process.Input, Process.Output, Process.Error), Process.Command).ConfigureAwait(false);
        }
        catch (ShellExitException exit)
        {
            return exit.Code;
        }
    }

    /// <summary>Runs a script.</summary>
    public async Task<int> ScriptAsync(ShellStreams streams, string script, IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            _variables[i.ToString(CultureInfo.InvariantCulture)] = arguments[i];
        }
        if (++_depth > MaxDepth)
        {
            await streams.ComplainAsync("sh: stopped by the simulator: scripts call one another too deeply\n").ConfigureAwait(false);
            throw new ShellExitException(137, stopped: true);
        }
        ShellNode node;
        try
        {
            node = ShellParser.Parse(script);
        }
        catch (ShellSyntaxException wrong)
        {
            await streams.ComplainAsync($"sh: {wrong.Message}\n").ConfigureAwait(false);
            return 2;
        }
        var code = await RunAsync(node, streams).ConfigureAwait(false);
        _depth--;
        return code;
    }

    /// <summary>A program waited: the loop around it is no busy one.</summary>
    public void Waited() => _steps = 0;

    private async Task<int> RunAsync(ShellNode node, ShellStreams streams)
    {
        Process.Killed.ThrowIfCancellationRequested();
        if (++_steps > MaxStepsWithoutWaiting)
        {
            await streams.ComplainAsync("sh: stopped by the simulator: a loop that never waits (put a sleep into it)\n").ConfigureAwait(false);
            throw new ShellExitException(137, stopped: true);
        }
        return _status = node switch
        {
            Subshell subshell => await SubshellAsync(subshell, streams).ConfigureAwait(false),
            Sequence sequence => await SequenceAsync(sequence, streams).ConfigureAwait(false),
            SimpleCommand command => await SimpleAsync(command, streams).ConfigureAwait(false),
            Conditional conditional => await ConditionalAsync(conditional, streams).ConfigureAwait(false),
            Pipeline pipeline => await PipelineAsync(pipeline, streams).ConfigureAwait(false),
            WhileLoop loop => await WhileAsync(loop, streams).ConfigureAwait(false),
            ForLoop loop => await ForAsync(loop, streams).ConfigureAwait(false),
            IfCommand branches => await IfAsync(branches, streams).ConfigureAwait(false),
            _ => throw new InvalidOperationException($"{node.GetType().Name} is no command."),
        };
    }

    private async Task<int> SequenceAsync(Sequence sequence, ShellStreams streams)
    {
        var code = 0;
        foreach (var command in sequence.Commands)
        {
            code = await RunAsync(command, streams).ConfigureAwait(false);
        }
        return code;
    }

    private async Task<int> SubshellAsync(Subshell subshell, ShellStreams streams)
    {
        try
        {
            return await RunAsync(subshell.Body, streams).ConfigureAwait(false);
        }
        catch (ShellExitException exit) when (!exit.Stopped)
        {
            return exit.Code;
        }
    }

    private async Task<int> ConditionalAsync(Conditional conditional, ShellStreams streams)
    {
        var first = await RunAsync(conditional.First, streams).ConfigureAwait(false);
        return (first == 0) == conditional.OnSuccess ? await RunAsync(conditional.Second, streams).ConfigureAwait(false) : first;
    }

    private async Task<int> WhileAsync(WhileLoop loop, ShellStreams streams)
    {
        var code = 0;
        while ((await RunAsync(loop.Condition, streams).ConfigureAwait(false) == 0) != loop.Until)
        {
            code = await RunAsync(loop.Body, streams).ConfigureAwait(false);
        }
        return code;
    }

    private async Task<int> ForAsync(ForLoop loop, ShellStreams streams)
    {
        var code = 0;
        foreach (var value in await ExpandAsync(loop.Values, streams).ConfigureAwait(false))
        {
            _variables[loop.Variable] = value;
            code = await RunAsync(loop.Body, streams).ConfigureAwait(false);
        }
        return code;
    }

    private async Task<int> IfAsync(IfCommand command, ShellStreams streams)
    {
        foreach (var (condition, body) in command.Branches)
        {
            if (condition is null || await RunAsync(condition, streams).ConfigureAwait(false) == 0)
            {
                return await RunAsync(body, streams).ConfigureAwait(false);
            }
        }
        return 0;
    }

    /// <summary>One command after another, each with the whole output of the one before: enough for what tests pipe.</summary>
    private async Task<int> PipelineAsync(Pipeline pipeline, ShellStreams streams)
    {
        var input = streams.Input;
        var code = 0;
        for (var i = 0; i < pipeline.Commands.Count; i++)
        {
            if (i == pipeline.Commands.Count - 1)
            {
                code = await RunAsync(pipeline.Commands[i], streams with { Input = input }).ConfigureAwait(false);
                break;
            }
            var output = new BoundedOutput(MaxOutput);
            await RunAsync(pipeline.Commands[i], streams with { Input = input, Output = output }).ConfigureAwait(false);
            input = new MemoryStream(output.ToArray());
        }
        return pipeline.Negated ? (code == 0 ? 1 : 0) : code;
    }

    private async Task<int> SimpleAsync(SimpleCommand command, ShellStreams streams)
    {
        foreach (var (name, value) in command.Assignments)
        {
            _variables[name] = string.Join(' ', await ExpandAsync([value], streams).ConfigureAwait(false));
        }
        var words = await ExpandAsync(command.Words, streams).ConfigureAwait(false);
        var files = new List<(string Path, BoundedOutput Content, bool Append)>();
        foreach (var redirection in command.Redirections)
        {
            var target = (await ExpandAsync([redirection.Target], streams).ConfigureAwait(false)).FirstOrDefault() ?? "";
            var path = ContainerFiles.Resolve(Folder, target);
            switch (redirection.Operator)
            {
                case "<" when Container.Files.Read(path) is { } content:
                    streams = streams with { Input = new MemoryStream(content) };
                    break;
                case "<":
                    await streams.ComplainAsync($"sh: can't open {target}: no such file\n").ConfigureAwait(false);
                    return 1;
                case ">&":
                    var same = target == "2" ? streams.Error : streams.Output;
                    streams = redirection.Stream == 2 ? streams with { Error = same } : streams with { Output = same };
                    break;
                default:
                    var output = new BoundedOutput(MaxOutput);
                    if (path is not "/dev/null" and not "/dev/stdout" and not "/dev/stderr")
                    {
                        files.Add((path, output, redirection.Operator == ">>"));
                    }
                    Stream into = path switch { "/dev/stdout" => streams.Output, "/dev/stderr" => streams.Error, _ => output };
                    streams = redirection.Stream == 2 ? streams with { Error = into } : streams with { Output = into };
                    break;
            }
        }
        var code = words.Count == 0 ? 0
            : ShellPrograms.Knows(words[0]) ? await ShellPrograms.RunAsync(this, streams, words).ConfigureAwait(false)
            : await UnknownAsync(words[0], streams).ConfigureAwait(false);
        try
        {
            foreach (var (path, content, append) in files)
            {
                Container.Files.Write(path, content.ToArray(), append);
            }
        }
        catch (ContainerFileException failure)
        {
            await streams.ComplainAsync($"sh: {failure.Message}\n").ConfigureAwait(false);
            return 1;
        }
        return code;
    }

    private static async Task<int> UnknownAsync(string program, ShellStreams streams)
    {
        await streams.ComplainAsync($"sh: {program}: not found\n").ConfigureAwait(false);
        return 127;
    }

    private async Task<List<string>> ExpandAsync(IReadOnlyList<ShellWord> words, ShellStreams streams)
    {
        var result = new List<string>();
        foreach (var word in words)
        {
            var current = new StringBuilder();
            var any = false;
            foreach (var part in word.Parts)
            {
                var text = await TextAsync(part, streams).ConfigureAwait(false);
                if (part.Quoted || part.Kind == WordKind.Text)
                {
                    current.Append(text);
                    any = true;
                    continue;
                }
                var pieces = text.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
                for (var i = 0; i < pieces.Length; i++)
                {
                    if (i > 0)
                    {
                        result.Add(current.ToString());
                        current.Clear();
                    }
                    current.Append(pieces[i]);
                    any = true;
                }
            }
            if (any)
            {
                result.Add(current.ToString());
            }
        }
        return result;
    }

    private async Task<string> TextAsync(WordPart part, ShellStreams streams)
    {
        switch (part.Kind)
        {
            case WordKind.Text:
                return part.Text;
            case WordKind.Variable:
                var value = part.Text switch
                {
                    "?" => _status.ToString(CultureInfo.InvariantCulture),
                    "$" => "1",
                    "@" or "*" => string.Join(' ', Enumerable.Range(1, 9).Select(i => _variables.GetValueOrDefault(i.ToString(CultureInfo.InvariantCulture))).OfType<string>()),
                    _ => _variables.GetValueOrDefault(part.Text) ?? "",
                };
                return value.Length == 0 && part.Default is { } otherwise ? otherwise : value;
            case WordKind.Arithmetic:
                try
                {
                    return new ShellArithmetic(part.Text, _variables).Evaluate().ToString(CultureInfo.InvariantCulture);
                }
                catch (ShellSyntaxException wrong)
                {
                    await streams.ComplainAsync($"sh: {wrong.Message}\n").ConfigureAwait(false);
                    throw new ShellExitException(2);
                }
            default:
                var output = new BoundedOutput(MaxOutput);
                await RunAsync(ShellParser.Parse(part.Text), streams with { Output = output }).ConfigureAwait(false);
                return Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n');
        }
    }
}
