using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>
/// What a cache holds, between its one writer and its many readers. An object that is there already is replaced where it lies, by one write of a reference, and not by
/// copying the way to it, for as long as nobody keeps a snapshot in which it lies there.
/// </summary>
/// <remarks>
/// <para>Who looks up one key needs no snapshot and reads <see cref="Live"/>. Who wants a whole that never changes takes <see cref="Keep"/>, from any thread, and waits for nobody:
/// it raises the number up to which everything stays as it is, and undoes in a copy of its own what the batch under way has replaced so far.</para>
/// <para>Batches are numbered, and every node of the map carries the number of the batch that made it. The writer notes what it is about to replace before it looks at the number that
/// readers raise, and a reader raises the number before it looks at the notes, each with a fence between: one of the two sees the other.</para>
/// </remarks>
sealed class CacheContent
{
    volatile CacheSnapshot _live = CacheSnapshot.Empty;
    volatile CacheWriting _latest = new(CacheSnapshot.Empty, number: 0, events: 0);
    long _kept;

    /// <summary>What was published last, and of objects that were there before what is being written: for the writer, and for who looks up one key.</summary>
    public CacheSnapshot Live => _live;

    /// <summary>The batch that began last.</summary>
    public CacheWriting Latest => _latest;

    /// <summary>What was published last; never changes.</summary>
    public CacheSnapshot Keep()
    {
        while (true)
        {
            if (TryKeep(_latest) is { } kept)
                return kept;
        }
    }

    /// <summary>What was published last; null where another batch began before its number was raised: that one may have replaced something before it could see the number.</summary>
    /// <param name="latest">The batch that began last, as far as the caller knows.</param>
    public CacheSnapshot? TryKeep(CacheWriting latest)
    {
        Raise(latest.Number);
        var live = _live;
        return _latest != latest ? null : live.Number == latest.Number ? live : latest.Before(live);
    }

    /// <summary>
    /// Reads something of what was published last, whole: without keeping it where no batch begins meanwhile, which a short read may hope for. So those who read often cost the writer nothing.
    /// </summary>
    /// <param name="read">May be called twice, the first time on what changes under it; that result is thrown away.</param>
    /// <param name="what">What to read.</param>
    public TResult Read<TWhat, TResult>(Func<CacheSnapshot, TWhat, TResult> read, TWhat what)
    {
        var latest = _latest;
        var live = _live;
        if (live.Number == latest.Number)
        {
            var result = read(live, what);
            Interlocked.MemoryBarrier();
            if (_latest == latest)
                return result;
        }
        return read(Keep(), what);
    }

    /// <summary>Begins a batch. One at a time; one that was not published is undone first.</summary>
    public CacheWriting Begin(int events)
    {
        Abandon();
        return _latest = new CacheWriting(_live, _live.Number + 1, events);
    }

    /// <summary>Undoes a batch that was not published; nothing where there is none.</summary>
    public void Abandon()
    {
        if (_latest.Number != _live.Number)
            _latest.Undo();
    }

    /// <summary>Puts an object in the place of one that has its key, if that may be done in place.</summary>
    public bool TryReplace(CacheWriting writing, in PersistentSet<NamespacedName, HeldObject>.Slot slot, HeldObject item)
    {
        if (slot.MadeBy is not { } edit)
            return false;
        // What the same batch has made nobody else sees.
        if (edit != writing.Edit)
        {
            if (!writing.ReplacesInPlace || edit.Number <= Volatile.Read(ref _kept))
                return false;
            writing.Note(slot);
            Interlocked.MemoryBarrier();
            if (edit.Number <= Volatile.Read(ref _kept))
                return false;
        }
        slot.Replace(item);
        return true;
    }

    /// <summary>Shows what a batch has written, all at once.</summary>
    public void Publish(CacheSnapshot written) => _live = written;

    void Raise(long number)
    {
        var kept = Volatile.Read(ref _kept);
        while (kept < number && Interlocked.CompareExchange(ref _kept, number, kept) is var seen && seen != kept)
            kept = seen;
        Interlocked.MemoryBarrier();
    }
}
