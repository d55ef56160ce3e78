using ActorKube.Models;
using ActorKube.Transport;
using FsCheck;
using FsCheck.Fluent;

namespace ActorKube.ControllerManager.Tests;

/// <summary>
/// The graph of owners against a world that changes while news of it is under way: whatever is made, rewritten and deleted, and however late each kind's news comes, in the end all is collected
/// that nobody owns, and nothing was that somebody owned.
/// </summary>
public sealed class OwnerGraphPropertyTests
{
    [Fact]
    public void All_that_nobody_owns_goes_and_nothing_else_however_late_the_news_of_it_comes() =>
        Prop.ForAll<byte[]>(static script => new World(script).Run()).QuickCheckThrowOnFailure();

    [Fact]
    public void It_does_in_long_histories_too()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var script = new byte[600];
            new Random(seed).NextBytes(script);
            new World(script).Run();
        }
    }

    private sealed class World(byte[] script)
    {
        private static readonly string[] Kinds = ["ConfigMap", "Secret", "Node"];
        private readonly Dictionary<string, Thing> _things = new(StringComparer.Ordinal);
        private readonly List<Thing> _made = [];
        private readonly Queue<Action>[] _news = [new(), new(), new()];
        private readonly OwnerGraph _graph = new();
        private readonly Queue<string> _work = new();
        private int _read;

        public void Run()
        {
            while (_read < script.Length)
            {
                switch (Next() % 8)
                {
                    case 0 or 1 or 2:
                        Make();
                        break;
                    case 3:
                        Rewrite();
                        break;
                    case 4:
                        Delete(foreground: false);
                        break;
                    case 5:
                        Delete(foreground: true);
                        break;
                    case 6:
                        Hear(Next() % 3);
                        break;
                    default:
                        Attempt();
                        break;
                }
            }
            for (var left = 100_000; _work.Count > 0 || _news.Any(n => n.Count > 0); left--)
            {
                Assert.True(left > 0, "The collector never comes to rest.");
                var kind = Array.FindIndex(_news, n => n.Count > 0);
                if (kind >= 0)
                {
                    Hear(kind);
                }
                else
                {
                    Attempt();
                }
            }
            foreach (var thing in _things.Values)
            {
                Assert.True(thing.Owners.Count == 0 || thing.Owners.Any(o => StateOf(o, thing) is OwnerState.Lives or OwnerState.Misplaced), $"{thing.Identity} was left behind.");
                Assert.False(thing.Deletion.WaitsForDependents, $"{thing.Identity} waits for ever.");
                Assert.Equal(_things.Values.Where(t => t.Owners.Any(o => o.Uid == thing.Identity.Uid)).Select(t => t.Identity.Uid).Order(), _graph.Find(thing.Identity.Uid)!.Dependents.Select(d => d.Identity.Uid).Order());
            }
        }

        private int Next() => _read < script.Length ? script[_read++] : 0;

        private void Make()
        {
            var kind = Kinds[Next() % 3];
            // Only names that are free: a server has no two objects of one name.
            var identity = new ObjectIdentity("v1", kind, kind == "Node" ? "" : Next() % 2 == 0 ? "x" : "y", $"n{Next() % 4}", $"u{_made.Count}");
            if (_things.Values.Any(t => (t.Identity.Kind, t.Identity.Key) == (identity.Kind, identity.Key)))
            {
                return;
            }
            var thing = new Thing(identity) { Owners = References(_made.Count) };
            _made.Add(thing);
            _things.Add(identity.Uid, thing);
            Tell(thing);
        }

        /// <summary>Owners that were made before, there or not; now and then one that is meant wrongly.</summary>
        private List<OwnerReference> References(int upTo)
        {
            var references = new List<OwnerReference>();
            for (var count = upTo == 0 ? 0 : Next() % 3; count > 0; count--)
            {
                var owner = _made[Next() % upTo].Identity;
                if (references.All(r => r.Uid != owner.Uid))
                {
                    references.Add(new OwnerReference(owner.ApiVersion, Next() % 9 == 0 ? "Secret" : owner.Kind, Next() % 9 == 0 ? "wrong" : owner.Name, owner.Uid, false, Next() % 2 == 0));
                }
            }
            return references;
        }

        private Thing? Any() => _things.Count == 0 ? null : _things.Values.ElementAt(Next() % _things.Count);

        private void Rewrite()
        {
            if (Any() is { } thing)
            {
                thing.Owners = References(_made.IndexOf(thing));
                Tell(thing);
            }
        }

        private void Delete(bool foreground)
        {
            if (Any() is { } thing)
            {
                Delete(thing, foreground);
            }
        }

        private void Delete(Thing thing, bool foreground)
        {
            if (thing.Deletion.WaitsForDependents)
            {
                return;
            }
            if (foreground)
            {
                thing.Deletion = new DeletionState(true, true, false);
                Tell(thing);
            }
            else
            {
                _things.Remove(thing.Identity.Uid);
                _news[Array.IndexOf(Kinds, thing.Identity.Kind)].Enqueue(() => Take(_graph.Gone(thing.Identity.Uid)));
            }
        }

        private void Tell(Thing thing)
        {
            var (owners, deletion) = (thing.Owners, thing.Deletion);
            _news[Array.IndexOf(Kinds, thing.Identity.Kind)].Enqueue(() => Take(_graph.Observe(thing.Identity, owners, deletion)));
        }

        private void Hear(int kind)
        {
            if (_news[kind].TryDequeue(out var news))
            {
                news();
            }
        }

        private void Take(OwnerGraphNews news)
        {
            foreach (var uid in news.ToAttempt.Concat(news.ToGuess).Where(uid => !_work.Contains(uid)))
            {
                _work.Enqueue(uid);
            }
        }

        private Thing? Find(ObjectIdentity identity) => _things.GetValueOrDefault(identity.Uid) is { } thing
            && thing.Identity == (identity.Kind == "Node" ? identity with { Namespace = "" } : identity) ? thing : null;

        private OwnerState StateOf(OwnerReference owner, Thing dependent) => owner.Kind != "Node" && dependent.Identity.Namespace.Length == 0 ? OwnerState.Misplaced
            : Find(ObjectIdentity.Of(owner, dependent.Identity.Namespace)) is not { } found ? OwnerState.Absent
            : found.Deletion.WaitsForDependents ? OwnerState.WaitsForDependents : OwnerState.Lives;

        /// <summary>What the collector does with one uid, on this world.</summary>
        private void Attempt()
        {
            if (!_work.TryDequeue(out var uid) || _graph.Find(uid) is not { } subject)
            {
                return;
            }
            if (subject.Identity.Kind != "Node" && subject.Identity.Namespace.Length == 0)
            {
                Take(_graph.Misplaced(subject.Identity));
                return;
            }
            if (Find(subject.Identity) is not { } thing)
            {
                Take(_graph.Absent(subject.Identity));
                return;
            }
            if (subject.Deletion.WaitsForDependents)
            {
                var blocking = subject.Dependents.Where(d => d.Blocks).ToList();
                Take(Attempts(blocking.Where(d => !d.WaitsForDependents).Select(d => d.Identity.Uid)));
                if (blocking.Count == 0)
                {
                    if (_things.Values.Any(t => t.Owners.Any(o => o.Uid == uid && o.BlockOwnerDeletion && thing.Identity.IsMeantBy(o, t.Identity.Namespace))))
                    {
                        Take(Attempts([uid]));
                        return;
                    }
                    thing.Deletion = default;
                    Delete(thing, foreground: false);
                }
                return;
            }
            var owners = thing.Owners.Select(o => (o.Uid, State: _graph.IsAbsent(o, thing.Identity.Namespace) ? OwnerState.Absent : StateOf(o, thing))).ToList();
            switch (CollectorVerdict.Of(KubeObject.Parse("""{"metadata":{"name":"x"}}"""u8), owners, subject.Dependents))
            {
                case CollectorVerdict.Cut cut:
                    thing.Owners = [.. thing.Owners.Where(o => !cut.Owners.Contains(o.Uid))];
                    Tell(thing);
                    break;
                case CollectorVerdict.Delete delete:
                    Assert.DoesNotContain(thing.Owners, o => StateOf(o, thing) == OwnerState.Lives);
                    Delete(thing, delete.Propagation == DeletePropagation.Foreground);
                    break;
            }
        }

        private static OwnerGraphNews Attempts(IEnumerable<string> uids)
        {
            var news = new OwnerGraphNews();
            news.ToAttempt.UnionWith(uids);
            return news;
        }
    }

    private sealed class Thing(ObjectIdentity identity)
    {
        public ObjectIdentity Identity { get; } = identity;

        public List<OwnerReference> Owners { get; set; } = [];

        public DeletionState Deletion { get; set; }
    }
}
