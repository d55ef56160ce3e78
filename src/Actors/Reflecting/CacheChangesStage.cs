using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Stage;

namespace ActorKube.Actors;

/// <summary>Subscribes to a shared cache for as long as the stream runs.</summary>
/// <remarks>
/// Emits a change when one is there and asked for. Backpressures by not answering the cache: what it was told last is kept here, what comes after gathers there, one entry
/// a key. Completes never. Fails where the cache stops, which it does with the actor system.
/// </remarks>
sealed class CacheChangesStage(CacheSpec spec, IActorRef reflectors, TimeSpan? resync) : GraphStage<SourceShape<CacheChange>>
{
    readonly Outlet<CacheChange> _out = new("cacheChanges.out");

    /// <inheritdoc/>
    public override SourceShape<CacheChange> Shape => new(_out);

    /// <inheritdoc/>
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, spec, reflectors, resync);

    sealed class Logic : GraphStageLogic
    {
        readonly Outlet<CacheChange> _out;
        readonly CacheSpec _spec;
        readonly IActorRef _reflectors;
        readonly TimeSpan? _resync;
        IReadOnlyList<CacheChange> _told = [];
        IActorRef _cache = ActorRefs.Nobody;
        int _next;

        public Logic(CacheChangesStage stage, CacheSpec spec, IActorRef reflectors, TimeSpan? resync) : base(stage.Shape)
        {
            _out = stage._out;
            _spec = spec;
            _reflectors = reflectors;
            _resync = resync;
            SetHandler(_out, onPull: Emit);
        }

        public override void PreStart()
        {
            var self = GetStageActor(OnMessage).Ref;
            _reflectors.Tell(new ReflectorsActor.Acquire(_spec, self, []), self);
        }

        public override void PostStop() => _reflectors.Tell(new ReflectorsActor.Release(_spec, StageActor.Ref), ActorRefs.NoSender);

        void OnMessage((IActorRef Sender, object Message) told)
        {
            switch (told.Message)
            {
                case ObjectCache cache:
                    StageActor.Watch(cache.Actor);
                    cache.Actor.Tell(new ObjectCache.Subscribe(StageActor.Ref, _resync), StageActor.Ref);
                    break;
                case ObjectCache.Changed changed:
                    (_cache, _told, _next) = (told.Sender, changed.Changes, 0);
                    if (IsAvailable(_out))
                        Emit();
                    break;
                case Terminated:
                    FailStage(new InvalidOperationException($"The cache of {_spec} has stopped."));
                    break;
            }
        }

        void Emit()
        {
            if (_next >= _told.Count)
                return;
            Push(_out, _told[_next++]);
            if (_next < _told.Count)
                return;
            (_told, _next) = ([], 0);
            _cache.Tell(ObjectCache.Taken.Instance, StageActor.Ref);
        }
    }
}
