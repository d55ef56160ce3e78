using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

internal sealed class Grouped<T>(int size) : FlowStage<T, IEnumerable<T>>("grouped")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, size);

    private sealed class Logic(FlowShape<T, IEnumerable<T>> shape, int size) : FlowLogic<T, IEnumerable<T>>(shape)
    {
        private List<T> _group = new(Math.Min(size, 64));

        public override void OnPush()
        {
            _group.Add(Grab(In));
            if (_group.Count < size)
            {
                Pull(In);
                return;
            }

            var group = _group;
            _group = new List<T>(Math.Min(size, 64));
            Push(Out, group);
        }

        public override void OnUpstreamFinish()
        {
            // The rest is pushed at once: there is demand, since an unfinished group is pulled for.
            if (_group.Count > 0) Push(Out, _group);
            CompleteStage();
        }
    }
}

internal sealed class Sliding<T>(int size, int step) : FlowStage<T, IEnumerable<T>>("sliding")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, size, step);

    private sealed class Logic(FlowShape<T, IEnumerable<T>> shape, int size, int step) : FlowLogic<T, IEnumerable<T>>(shape)
    {
        private readonly Queue<T> _window = new();
        private int _toSkip;
        private bool _hasNew;

        public override void OnPush()
        {
            var element = Grab(In);
            if (_toSkip > 0)
            {
                _toSkip--;
                Pull(In);
                return;
            }

            _window.Enqueue(element);
            _hasNew = true;
            if (_window.Count < size)
            {
                Pull(In);
                return;
            }

            T[] window = [.. _window];
            for (var i = 0; i < step && _window.Count > 0; i++) _window.Dequeue();
            _toSkip = Math.Max(0, step - size);
            _hasNew = false;
            Push(Out, window);
        }

        public override void OnUpstreamFinish()
        {
            // A last, shorter window only if it has an element that no window had before.
            if (_hasNew) Push(Out, _window.ToArray());
            CompleteStage();
        }
    }
}
