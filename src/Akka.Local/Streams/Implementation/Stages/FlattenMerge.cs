using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Runs the sources that come in, up to a number at a time, and gives their elements in the order in which they are ready.</summary>
internal sealed class FlattenMerge<TGraph, T, TMat>(int breadth) : FlowStage<TGraph, T>("flattenMerge") where TGraph : IGraph<SourceShape<T>, TMat>
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, breadth, inheritedAttributes);

    private sealed class Logic(FlowShape<TGraph, T> shape, int breadth, Attributes attributes) : FlowLogic<TGraph, T>(shape)
    {
        private readonly HashSet<SubSinkInlet<T>> _sources = [];
        private readonly Queue<SubSinkInlet<T>> _ready = new();

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            var source = Grab(In);
            var inner = new SubSinkInlet<T>(this, "FlattenMergeSink");
            inner.SetHandler(new LambdaInHandler(() =>
            {
                if (IsAvailable(Out))
                {
                    Push(Out, inner.Grab());
                    inner.Pull();
                }
                else _ready.Enqueue(inner);
            }, () =>
            {
                if (!inner.IsAvailable) Remove(inner);
            }, null));
            inner.Pull();
            _sources.Add(inner);
            SubFusingMaterializer.Materialize(Source.FromGraph(source).To(inner.Sink), attributes);
            if (_sources.Count < breadth) TryPull(In);
        }

        public override void OnPull()
        {
            if (!_ready.TryDequeue(out var source)) return;
            Push(Out, source.Grab());
            if (source.IsClosed) Remove(source);
            else source.Pull();
        }

        private void Remove(SubSinkInlet<T> source)
        {
            var wasFull = _sources.Count == breadth;
            _sources.Remove(source);
            if (wasFull) TryPull(In);
            if (IsClosed(In) && _sources.Count == 0) CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            if (_sources.Count == 0) CompleteStage();
        }

        public override void PostStop()
        {
            foreach (var source in _sources) source.Cancel();
        }
    }
}
