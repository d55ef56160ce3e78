using Akka.Pattern;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>Sends an element as soon as downstream wants one, in the order of the calls. Replaces the port's handler meanwhile.</summary>
    protected void Emit<T>(Outlet<T> outlet, T element) => Emit(outlet, element, DoNothing);

    /// <inheritdoc cref="Emit{T}(Outlet{T}, T)"/>
    protected void Emit<T>(Outlet<T> outlet, T element, Action andThen)
    {
        if (OutHandlerOf(outlet) is Emitter<T> emitter) emitter.Add(new Emission<T>(element, null, andThen));
        else if (IsAvailable(outlet))
        {
            Push(outlet, element);
            andThen();
        }
        else new Emitter<T>(this, outlet).Start(new Emission<T>(element, null, andThen));
    }

    /// <summary>Sends several elements, each as soon as downstream wants one. Replaces the port's handler meanwhile.</summary>
    protected void EmitMultiple<T>(Outlet<T> outlet, IEnumerable<T> elements) => EmitMultiple(outlet, elements, DoNothing);

    /// <inheritdoc cref="EmitMultiple{T}(Outlet{T}, IEnumerable{T})"/>
    protected void EmitMultiple<T>(Outlet<T> outlet, IEnumerable<T> elements, Action andThen) =>
        EmitMultiple(outlet, elements.GetEnumerator(), andThen);

    /// <inheritdoc cref="EmitMultiple{T}(Outlet{T}, IEnumerable{T})"/>
    protected void EmitMultiple<T>(Outlet<T> outlet, IEnumerator<T> enumerator) => EmitMultiple(outlet, enumerator, DoNothing);

    /// <inheritdoc cref="EmitMultiple{T}(Outlet{T}, IEnumerable{T})"/>
    protected void EmitMultiple<T>(Outlet<T> outlet, IEnumerator<T> enumerator, Action andThen)
    {
        if (!enumerator.MoveNext())
        {
            enumerator.Dispose();
            if (OutHandlerOf(outlet) is Emitter<T> waiting) waiting.AfterLast(andThen);
            else andThen();
            return;
        }

        var emission = new Emission<T>(enumerator.Current, enumerator, andThen);
        if (OutHandlerOf(outlet) is Emitter<T> emitter) emitter.Add(emission);
        else if (IsAvailable(outlet))
        {
            Push(outlet, enumerator.Current);
            if (emission.Advance()) new Emitter<T>(this, outlet).Start(emission);
            else andThen();
        }
        else new Emitter<T>(this, outlet).Start(emission);
    }

    /// <summary>Forgets what has not been sent yet and gives the port back to the handler it had before.</summary>
    protected void AbortEmitting<T>(Outlet<T> outlet)
    {
        if (OutHandlerOf(outlet) is Emitter<T> emitter) emitter.Abort();
    }

    /// <summary>One element or the rest of several.</summary>
    private sealed class Emission<T>(T current, IEnumerator<T>? rest, Action andThen)
    {
        public T Current { get; private set; } = current;

        public Action AndThen { get; set; } = andThen;

        /// <summary>Moves on to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        public bool Advance()
        {
            if (rest is null) return false;
            if (rest.MoveNext())
            {
                Current = rest.Current;
                return true;
            }

            rest.Dispose();
            return false;
        }
    }

    /// <summary>Stands in for an output's handler while elements wait to be sent.</summary>
    private abstract class Emitter : OutHandler
    {
        /// <summary>Completes the port after the last element.</summary>
        public abstract void CompleteAtEnd();
    }

    private sealed class Emitter<T>(GraphStageLogic logic, Outlet<T> outlet) : Emitter
    {
        private IOutHandler _previous = null!;
        private Queue<Emission<T>> _emissions = new();
        private bool _completeAtEnd;

        public void Start(Emission<T> emission)
        {
            _previous = logic.OutHandlerOf(outlet);
            _emissions.Enqueue(emission);
            logic.SetHandler(outlet, this);
        }

        public void Add(Emission<T> emission)
        {
            if (!_completeAtEnd) _emissions.Enqueue(emission);
        }

        /// <summary>Nothing is to be sent, but <paramref name="action"/> waits for what is being sent now.</summary>
        public void AfterLast(Action action)
        {
            if (!_completeAtEnd) _emissions.Last().AndThen += action;
        }

        public override void CompleteAtEnd() => _completeAtEnd = true;

        public void Abort()
        {
            logic.SetHandler(outlet, _previous);
            if (_completeAtEnd) logic.Complete(outlet);
        }

        public override void OnPull()
        {
            var emission = _emissions.Peek();
            logic.Push(outlet, emission.Current);
            if (emission.Advance()) return;
            _emissions.Dequeue();
            Finish(emission);
        }

        /// <summary>
        /// What is emitted by <c>andThen</c> goes before what was already waiting, so the port is the stage's own while it runs.
        /// </summary>
        private void Finish(Emission<T> emission)
        {
            var waiting = _emissions;
            var complete = _completeAtEnd;
            _emissions = new Queue<Emission<T>>();
            _completeAtEnd = false;
            logic.SetHandler(outlet, _previous);
            emission.AndThen();

            if (waiting.Count == 0 && !complete) return;
            if (logic.OutHandlerOf(outlet) is Emitter<T> newer)
            {
                foreach (var next in waiting) newer.Add(next);
                if (complete) newer.CompleteAtEnd();
            }
            else if (waiting.Count == 0) logic.Complete(outlet);
            else
            {
                _previous = logic.OutHandlerOf(outlet);
                _emissions = waiting;
                _completeAtEnd = complete;
                logic.SetHandler(outlet, this);
            }
        }

        public override void OnDownstreamFinish(Exception cause) => _previous.OnDownstreamFinish(cause);
    }

    /// <summary>
    /// Takes one element and hands it to <paramref name="andThen"/>, pulling first if need be; <paramref name="onClose"/> runs if upstream
    /// ends before. Replaces the port's handler meanwhile.
    /// </summary>
    protected void Read<T>(Inlet<T> inlet, Action<T> andThen, Action onClose)
    {
        if (IsAvailable(inlet)) andThen(Grab(inlet));
        else if (IsClosed(inlet)) onClose();
        else
        {
            RequireNotReading(inlet);
            if (!HasBeenPulled(inlet)) Pull(inlet);
            SetHandler(inlet, new Reader<T>(this, inlet, 1, elements => andThen(elements[0]), _ => onClose()));
        }
    }

    /// <summary>
    /// Takes <paramref name="n"/> elements and hands them to <paramref name="andThen"/>; if upstream ends before, what has come goes to
    /// <paramref name="onComplete"/>. Replaces the port's handler meanwhile.
    /// </summary>
    protected void ReadMany<T>(Inlet<T> inlet, int n, Action<IEnumerable<T>> andThen, Action<IEnumerable<T>> onComplete)
    {
        if (n < 0) throw new ArgumentException("Cannot read negative number of elements");
        if (n == 0)
        {
            andThen([]);
            return;
        }

        RequireNotReading(inlet);
        var elements = new List<T>(n);
        if (IsAvailable(inlet))
        {
            elements.Add(Grab(inlet));
            if (n == 1)
            {
                andThen(elements);
                return;
            }
        }

        if (IsClosed(inlet))
        {
            onComplete(elements);
            return;
        }

        if (!HasBeenPulled(inlet)) Pull(inlet);
        SetHandler(inlet, new Reader<T>(this, inlet, n, andThen, onComplete, elements));
    }

    /// <summary>Stops a read that is under way and gives the port back to the handler it had before.</summary>
    protected void AbortReading<T>(Inlet<T> inlet)
    {
        if (GetHandler(inlet) is Reader<T> reader) SetHandler(inlet, reader.Previous);
    }

    private void RequireNotReading<T>(Inlet<T> inlet)
    {
        if (GetHandler(inlet) is Reader<T>) throw new IllegalStateException($"Already reading on inlet {inlet}");
    }

    /// <summary>Stands in for an input's handler while elements are being read.</summary>
    private sealed class Reader<T>(GraphStageLogic logic, Inlet<T> inlet, int n, Action<IReadOnlyList<T>> andThen,
        Action<IReadOnlyList<T>> onClose, List<T>? elements = null) : InHandler
    {
        private readonly List<T> _elements = elements ?? [];

        public IInHandler Previous { get; } = logic.GetHandler(inlet);

        public override void OnPush()
        {
            _elements.Add(logic.Grab(inlet));
            if (_elements.Count < n)
            {
                logic.Pull(inlet);
                return;
            }

            logic.SetHandler(inlet, Previous);
            andThen(_elements);
        }

        public override void OnUpstreamFinish()
        {
            logic.SetHandler(inlet, Previous);
            onClose(_elements);
            Previous.OnUpstreamFinish();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            logic.SetHandler(inlet, Previous);
            Previous.OnUpstreamFailure(e);
        }
    }

    /// <summary>
    /// From now on sends everything that comes in at <paramref name="from"/> to <paramref name="to"/>, which must not be used otherwise.
    /// </summary>
    /// <param name="from">The input.</param>
    /// <param name="to">The output.</param>
    /// <param name="doFinish">Whether the stage completes when the input ends.</param>
    /// <param name="doFail">Whether the stage fails when the input fails.</param>
    /// <param name="doPull">Whether to pull the input at once.</param>
    protected void PassAlong<TOut, TIn>(Inlet<TIn> from, Outlet<TOut> to, bool doFinish = true, bool doFail = true, bool doPull = false)
        where TIn : TOut
    {
        var handler = new PassAlongHandler<TOut, TIn>(this, from, to, doFinish, doFail);
        if (IsAvailable(from)) Emit(to, Grab(from), handler.PullAgain);
        if (doFinish && IsClosed(from)) CompleteStage();
        SetHandler(from, handler);
        if (doPull) TryPull(from);
    }

    private sealed class PassAlongHandler<TOut, TIn>(GraphStageLogic logic, Inlet<TIn> from, Outlet<TOut> to, bool doFinish, bool doFail)
        : InHandler where TIn : TOut
    {
        public void PullAgain() => logic.TryPull(from);

        public override void OnPush() => logic.Emit(to, logic.Grab(from), PullAgain);

        public override void OnUpstreamFinish()
        {
            if (doFinish) logic.CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            if (doFail) logic.FailStage(e);
        }
    }
}
