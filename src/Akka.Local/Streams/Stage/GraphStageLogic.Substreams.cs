using Akka.Pattern;
using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>
    /// An input that the stage opens while it runs: materialize <see cref="Sink"/> at the end of some stream, and its elements come here.
    /// All methods are for the stage's own handlers.
    /// </summary>
    internal sealed class SubSinkInlet<T>
    {
        private readonly string _name;
        private readonly SubSink<T> _sink;
        private IInHandler _handler = null!;
        private T _element = default!;
        private bool _isPulled;

        public SubSinkInlet(GraphStageLogic logic, string name)
        {
            _name = name;
            _sink = new SubSink<T>(name, logic.GetAsyncCallback<SubSinkEvent<T>>(OnEvent));
        }

        /// <summary>To be materialized exactly once.</summary>
        public IGraph<SinkShape<T>, NotUsed> Sink => _sink;

        public bool IsAvailable { get; private set; }

        public bool IsClosed { get; private set; }

        public bool HasBeenPulled => _isPulled && !IsClosed;

        public void SetHandler(IInHandler handler) => _handler = handler;

        public T Grab()
        {
            if (!IsAvailable) throw new IllegalStateException($"cannot grab element from port {this} when data has not yet arrived");
            var element = _element;
            _element = default!;
            IsAvailable = false;
            return element;
        }

        public void Pull()
        {
            if (_isPulled) throw new IllegalStateException($"cannot pull port {this} twice");
            if (IsClosed) throw new IllegalStateException($"cannot pull closed port {this}");
            _isPulled = true;
            _sink.Pull();
        }

        public void Cancel() => Cancel(SubscriptionWithCancelException.NoMoreElementsNeeded.Instance);

        public void Cancel(Exception cause)
        {
            IsClosed = true;
            _sink.Cancel(cause);
        }

        public override string ToString() => $"SubSinkInlet({_name})";

        private void OnEvent(SubSinkEvent<T> happened)
        {
            if (IsClosed) return;
            switch (happened.Kind)
            {
                case SubSinkEventKind.Next:
                    _element = happened.Element;
                    IsAvailable = true;
                    _isPulled = false;
                    _handler.OnPush();
                    break;
                case SubSinkEventKind.Complete:
                    IsClosed = true;
                    _handler.OnUpstreamFinish();
                    break;
                default:
                    IsClosed = true;
                    _handler.OnUpstreamFailure(happened.Cause!);
                    break;
            }
        }
    }

    /// <summary>
    /// An output that the stage opens while it runs: materialize <see cref="Source"/> at the beginning of some stream, and what is pushed
    /// here goes there. All methods are for the stage's own handlers.
    /// </summary>
    internal sealed class SubSourceOutlet<T>
    {
        private readonly string _name;
        private readonly SubSource<T> _source;
        private IOutHandler _handler = null!;

        public SubSourceOutlet(GraphStageLogic logic, string name)
        {
            _name = name;
            _source = new SubSource<T>(name, logic.GetAsyncCallback<SubSourceEvent>(OnEvent));
        }

        /// <summary>To be materialized at most once.</summary>
        public IGraph<SourceShape<T>, NotUsed> Source => _source;

        public bool IsAvailable { get; private set; }

        public bool IsClosed { get; private set; }

        public void SetHandler(IOutHandler handler) => _handler = handler;

        /// <summary>Gives up on a source that nobody has materialized; one that is in use is not harmed.</summary>
        public void Timeout(TimeSpan d)
        {
            if (_source.TimeOut(d)) IsClosed = true;
        }

        public void Push(T elem)
        {
            IsAvailable = false;
            _source.Push(elem);
        }

        public void Complete()
        {
            IsAvailable = false;
            IsClosed = true;
            _source.Complete();
        }

        public void Fail(Exception ex)
        {
            IsAvailable = false;
            IsClosed = true;
            _source.Fail(ex);
        }

        public override string ToString() => $"SubSourceOutlet({_name})";

        private void OnEvent(SubSourceEvent happened)
        {
            if (IsClosed) return;
            if (happened.CancellationCause is { } cause)
            {
                IsAvailable = false;
                IsClosed = true;
                _handler.OnDownstreamFinish(cause);
            }
            else
            {
                IsAvailable = true;
                _handler.OnPull();
            }
        }
    }}
