namespace Akka.Configuration;

/// <summary>The actor runtime's settings with their defaults. Names and defaults are Akka.NET's.</summary>
internal static class ReferenceConfig
{
    public const string Text = """
        akka {
          version = "1.5.31"
          home = ""
          loggers = ["Akka.Event.DefaultLogger"]
          loggers-dispatcher = "akka.actor.default-dispatcher"
          logger-startup-timeout = 5s
          logger-async-start = off
          logger-formatter = "Akka.Event.DefaultLogMessageFormatter, Akka"
          loglevel = "INFO"
          stdout-loglevel = "WARNING"
          stdout-logger-class = ""
          log-config-on-start = off
          log-dead-letters = 10
          log-dead-letters-during-shutdown = off
          log-dead-letters-suspend-duration = 5 minutes
          extensions = []

          actor {
            provider = "Akka.Actor.LocalActorRefProvider"
            guardian-supervisor-strategy = "Akka.Actor.DefaultSupervisorStrategy"
            creation-timeout = 20s
            unstarted-push-timeout = 10s
            ask-timeout = infinite
            inbox {
              inbox-size = 1000
              default-timeout = 5s
            }
            deployment {
              default {
                dispatcher = ""
                mailbox = ""
                stash-capacity = -1
                router = "from-code"
                nr-of-instances = 1
                virtual-nodes-factor = 10
                routees { paths = [] }
              }
            }
            default-dispatcher {
              type = "Dispatcher"
              executor = "default-executor"
              shutdown-timeout = 1s
              throughput = 30
              throughput-deadline-time = 0ms
              mailbox-requirement = ""
            }
            internal-dispatcher {
              type = "Dispatcher"
              executor = "default-executor"
              throughput = 5
            }
            default-blocking-io-dispatcher {
              type = "Dispatcher"
              executor = "default-executor"
              throughput = 1
            }
            synchronized-dispatcher {
              type = "SynchronizedDispatcher"
              executor = "current-context-executor"
              throughput = 10
            }
            default-mailbox {
              mailbox-type = "Akka.Dispatch.UnboundedMailbox"
              mailbox-capacity = 1000
              mailbox-push-timeout-time = 10s
              stash-capacity = -1
            }
            mailbox {
              requirements {
                "Akka.Dispatch.IUnboundedMessageQueueSemantics" = akka.actor.mailbox.unbounded-queue-based
                "Akka.Dispatch.IBoundedMessageQueueSemantics" = akka.actor.mailbox.bounded-queue-based
                "Akka.Dispatch.IDequeBasedMessageQueueSemantics" = akka.actor.mailbox.unbounded-deque-based
                "Akka.Dispatch.IUnboundedDequeBasedMessageQueueSemantics" = akka.actor.mailbox.unbounded-deque-based
                "Akka.Dispatch.IBoundedDequeBasedMessageQueueSemantics" = akka.actor.mailbox.bounded-deque-based
                "Akka.Dispatch.IMultipleConsumerSemantics" = akka.actor.mailbox.unbounded-queue-based
                "Akka.Event.ILoggerMessageQueueSemantics" = akka.actor.mailbox.logger-queue
              }
              unbounded-queue-based { mailbox-type = "Akka.Dispatch.UnboundedMailbox" }
              bounded-queue-based { mailbox-type = "Akka.Dispatch.BoundedMailbox" }
              unbounded-deque-based { mailbox-type = "Akka.Dispatch.UnboundedDequeBasedMailbox" }
              bounded-deque-based { mailbox-type = "Akka.Dispatch.BoundedDequeBasedMailbox" }
              logger-queue { mailbox-type = "Akka.Dispatch.UnboundedMailbox" }
            }
            debug {
              receive = off
              autoreceive = off
              lifecycle = off
              fsm = off
              event-stream = off
              unhandled = off
              router-misconfiguration = off
              log-timers = off
            }
          }

          stream.materializer {
            initial-input-buffer-size = 4
            max-input-buffer-size = 16
            dispatcher = ""
            max-fixed-buffer-size = 1000000000
            sync-processing-limit = 1000
            subscription-timeout {
              mode = cancel
              timeout = 5s
            }
          }

          scheduler {
            tick-duration = 10ms
            ticks-per-wheel = 512
            implementation = "Akka.Actor.HashedWheelTimerScheduler"
            shutdown-timeout = 5s
          }

          cluster.sharded-daemon-process.keep-alive-interval = 10s

          coordination.lease {
            lease-class = ""
            heartbeat-timeout = 120s
            heartbeat-interval = 12s
            lease-operation-timeout = 5s
          }

          coordinated-shutdown {
            default-phase-timeout = 5 s
            terminate-actor-system = on
            exit-clr = off
            run-by-clr-shutdown-hook = on
            run-by-actor-system-terminate = on
            phases {
              before-service-unbind { }
              service-unbind { depends-on = [before-service-unbind] }
              service-requests-done { depends-on = [service-unbind] }
              service-stop { depends-on = [service-requests-done] }
              before-cluster-shutdown { depends-on = [service-stop] }
              cluster-sharding-shutdown-region {
                timeout = 10 s
                depends-on = [before-cluster-shutdown]
              }
              cluster-leave { depends-on = [cluster-sharding-shutdown-region] }
              cluster-exiting {
                timeout = 10 s
                depends-on = [cluster-leave]
              }
              cluster-exiting-done { depends-on = [cluster-exiting] }
              cluster-shutdown { depends-on = [cluster-exiting-done] }
              before-actor-system-terminate { depends-on = [cluster-shutdown] }
              actor-system-terminate {
                timeout = 10 s
                depends-on = [before-actor-system-terminate]
              }
            }
          }
        }
        """;
}
