using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Who owns whom, as far as has been seen. Owners that somebody names and nobody has seen are there too, as what they are said to be, until they are seen or the server says that there are none.
/// Knows no server and no time; each change answers with what it asks for. Not thread-safe.
/// </summary>
/// <remarks>The rules are those of Kubernetes' garbage collector (owners and dependents, foreground and orphan deletion; owners in the wrong namespace since 1.20).</remarks>
internal sealed class OwnerGraph
{
    private readonly Dictionary<string, Node> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ObjectIdentity> _unseen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<Node>> _dependents = new(StringComparer.Ordinal);
    private readonly AbsentOwners _absent = new();

    /// <summary>Takes in an object as it is now.</summary>
    public OwnerGraphNews Observe(ObjectIdentity identity, IReadOnlyList<OwnerReference> owners, DeletionState deletion)
    {
        var news = new OwnerGraphNews();
        if (!_seen.TryGetValue(identity.Uid, out var node))
        {
            _seen.Add(identity.Uid, node = new Node(identity));
            _unseen.Remove(identity.Uid);
            foreach (var dependent in DependentsOf(identity.Uid).Where(d => !d.Means(identity)))
            {
                Mistaken(dependent, node, news);
            }
        }
        node.Identity = identity;
        var before = node.Deletion;
        node.Deletion = deletion;
        SetOwners(node, owners, news);
        if (deletion.Orphans)
        {
            if (!before.Orphans)
            {
                news.ToOrphan.Add(identity.Uid);
            }
        }
        else if (deletion.WaitsForDependents && !before.WaitsForDependents)
        {
            news.ToAttempt.Add(identity.Uid);
            news.ToAttempt.UnionWith(DependentsOf(identity.Uid).Select(d => d.Identity.Uid));
        }
        return news;
    }

    /// <summary>Takes in that an object is gone.</summary>
    public OwnerGraphNews Gone(string uid)
    {
        var news = new OwnerGraphNews();
        if (_seen.TryGetValue(uid, out var node))
        {
            Remove(node, news);
        }
        return news;
    }

    /// <summary>Takes in that the server has no such object under that name.</summary>
    public OwnerGraphNews Absent(ObjectIdentity identity)
    {
        var news = new OwnerGraphNews();
        if (_seen.TryGetValue(identity.Uid, out var node) && node.Identity == identity)
        {
            Remove(node, news);
            return news;
        }
        // Not all who name that uid need to mean the same object by it: those who mean this one are without it, others may be right.
        var named = DependentsOf(identity.Uid);
        var meaning = named.Where(d => d.Means(identity)).Select(d => d.Identity.Uid).ToList();
        if (meaning.Count > 0)
        {
            _absent.Add(identity);
            news.ToAttempt.UnionWith(meaning);
        }
        if (_unseen.TryGetValue(identity.Uid, out var assumed) && assumed == identity)
        {
            _unseen.Remove(identity.Uid);
            if (AnotherGuess(named, identity) is { } guess)
            {
                _unseen.Add(identity.Uid, guess);
                news.ToGuess.Add(identity.Uid);
            }
        }
        return news;
    }

    /// <summary>
    /// Takes in that a guess cannot be: its kind lives in namespaces, and who names it does not. Others who name that uid may be right, and no such guess holds theirs up.
    /// </summary>
    public OwnerGraphNews Misplaced(ObjectIdentity guess)
    {
        var news = new OwnerGraphNews();
        if (_unseen.TryGetValue(guess.Uid, out var assumed) && assumed == guess)
        {
            _unseen.Remove(guess.Uid);
            if (DependentsOf(guess.Uid).FirstOrDefault(static d => d.Identity.Namespace.Length > 0) is { } other)
            {
                _unseen.Add(guess.Uid, ObjectIdentity.Of(other.Owners.First(o => o.Uid == guess.Uid), other.Identity.Namespace));
                news.ToAttempt.Add(guess.Uid);
            }
        }
        return news;
    }

    /// <summary>What is known of a uid; null where nothing is.</summary>
    public GraphSubject? Find(string uid)
    {
        var dependents = DependentsOf(uid);
        return _seen.TryGetValue(uid, out var node)
            ? new GraphSubject(node.Identity, IsSeen: true, node.Deletion, [.. dependents.Select(d => new GraphDependent(d.Identity, d.Blocks(node.Identity), d.Deletion.WaitsForDependents))])
            : _unseen.TryGetValue(uid, out var assumed) ? new GraphSubject(assumed, IsSeen: false, default, []) : null;
    }

    /// <summary>Whether an owner is known not to be there.</summary>
    public bool IsAbsent(OwnerReference owner, string @namespace) => _absent.Has(owner, @namespace);

    /// <summary>The uids of all objects of a kind that have been seen.</summary>
    public List<string> OfKind(GroupKind kind) => [.. _seen.Values.Where(n => n.Identity.GroupVersionKind.GroupKind == kind).Select(n => n.Identity.Uid)];

    private IReadOnlyCollection<Node> DependentsOf(string uid) => _dependents.TryGetValue(uid, out var dependents) ? dependents : [];

    private void SetOwners(Node node, IReadOnlyList<OwnerReference> owners, OwnerGraphNews news)
    {
        var before = node.Owners;
        node.Owners = owners;
        foreach (var left in before)
        {
            var now = owners.FirstOrDefault(o => o.Uid == left.Uid);
            var stays = now.Uid == left.Uid;
            if (!stays)
            {
                Leave(left.Uid, node);
            }
            // An owner that waits for what it owns may wait for one less.
            if (left.BlockOwnerDeletion && !(stays && now.BlockOwnerDeletion) && _seen.TryGetValue(left.Uid, out var owner) && owner.Deletion.WaitsForDependents)
            {
                news.ToAttempt.Add(left.Uid);
            }
        }
        foreach (var owner in owners)
        {
            var was = before.FirstOrDefault(o => o.Uid == owner.Uid);
            if (was.Uid != owner.Uid || (was.Name, was.Kind, was.ApiVersion) != (owner.Name, owner.Kind, owner.ApiVersion))
            {
                Join(node, owner, news);
            }
        }
    }

    private void Join(Node node, OwnerReference reference, OwnerGraphNews news)
    {
        if (!_dependents.TryGetValue(reference.Uid, out var dependents))
        {
            _dependents.Add(reference.Uid, dependents = []);
        }
        dependents.Add(node);
        if (_seen.TryGetValue(reference.Uid, out var owner))
        {
            if (!owner.Identity.IsMeantBy(reference, node.Identity.Namespace))
            {
                Mistaken(node, owner, news);
            }
            else if (owner.Deletion.WaitsForDependents)
            {
                news.ToAttempt.Add(node.Identity.Uid);
            }
        }
        else if (_unseen.TryGetValue(reference.Uid, out var assumed))
        {
            if (!assumed.IsMeantBy(reference, node.Identity.Namespace))
            {
                news.ToAttempt.Add(node.Identity.Uid);
            }
        }
        else if (_absent.Has(reference, node.Identity.Namespace))
        {
            news.ToAttempt.Add(node.Identity.Uid);
        }
        else
        {
            _unseen.Add(reference.Uid, ObjectIdentity.Of(reference, node.Identity.Namespace));
            news.ToAttempt.Add(reference.Uid);
        }
    }

    private void Leave(string owner, Node node)
    {
        if (_dependents.TryGetValue(owner, out var dependents) && dependents.Remove(node) && dependents.Count == 0)
        {
            _dependents.Remove(owner);
            _unseen.Remove(owner);
        }
    }

    /// <summary>Somebody names an owner by its uid and means another object: it is looked at, and told where the owner lives in another namespace.</summary>
    private static void Mistaken(Node dependent, Node owner, OwnerGraphNews news)
    {
        if (owner.Identity.Namespace.Length > 0 && owner.Identity.Namespace != dependent.Identity.Namespace)
        {
            news.Strangers.Add((dependent.Identity, dependent.Owners.First(o => o.Uid == owner.Identity.Uid)));
        }
        news.ToAttempt.Add(dependent.Identity.Uid);
    }

    private void Remove(Node node, OwnerGraphNews news)
    {
        var uid = node.Identity.Uid;
        _seen.Remove(uid);
        foreach (var owner in node.Owners)
        {
            Leave(owner.Uid, node);
            if (_seen.TryGetValue(owner.Uid, out var seen) && seen.Deletion.WaitsForDependents)
            {
                news.ToAttempt.Add(owner.Uid);
            }
        }
        if (DependentsOf(uid) is { Count: > 0 } dependents)
        {
            _absent.Add(node.Identity);
            news.ToAttempt.UnionWith(dependents.Select(d => d.Identity.Uid));
        }
    }

    /// <summary>What else somebody means by a uid: the next in order after the one that is not there, so that all have their turn.</summary>
    private static ObjectIdentity? AnotherGuess(IReadOnlyCollection<Node> dependents, ObjectIdentity absent)
    {
        var guesses = dependents.Where(d => !d.Means(absent)).Select(d => ObjectIdentity.Of(d.Owners.First(o => o.Uid == absent.Uid), d.Identity.Namespace))
            .Distinct().OrderBy(g => g.ToString(), StringComparer.Ordinal).ToList();
        return guesses.Count == 0 ? null
            : guesses.Where(g => string.CompareOrdinal(g.ToString(), absent.ToString()) > 0).Append(guesses[0]).First();
    }

    private sealed class Node(ObjectIdentity identity)
    {
        public ObjectIdentity Identity { get; set; } = identity;

        public IReadOnlyList<OwnerReference> Owners { get; set; } = [];

        public DeletionState Deletion { get; set; }

        /// <summary>Whether it means an object where it names that object's uid.</summary>
        public bool Means(ObjectIdentity owner) => Owners.Any(o => o.Uid == owner.Uid && owner.IsMeantBy(o, Identity.Namespace));

        /// <summary>Whether it holds an owner up that waits for what it owns; none that it names and cannot mean, for it may stay.</summary>
        public bool Blocks(ObjectIdentity owner) => Owners.Any(o => o.Uid == owner.Uid && o.BlockOwnerDeletion && owner.IsMeantBy(o, Identity.Namespace));
    }
}
