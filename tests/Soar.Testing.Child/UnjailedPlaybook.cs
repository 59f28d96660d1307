using System.Text;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Scripting.Host;

namespace Soar.Testing.Child;

/// <summary>
/// Runs one compiled playbook in this process, with no jail around it, and prints how it ended: the other half of a test that shows what the jail stops.
/// </summary>
internal static class UnjailedPlaybook
{
    public static int Run(string assemblyPath)
    {
        var events = new Events();
        var host = new InProcessHost(events);
        events.Host = host;
        host.Start(new RunStart
        {
            Run = new RunId(new Guid(1, 0, 7, new byte[8])),
            Version = assemblyPath,
            AssemblyPath = assemblyPath,
            Started = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                new StartedRecord { Playbook = "hostile", PlaybookVersion = "1.0.0", Inputs = new Dictionary<string, System.Text.Json.JsonElement>(), Instances = new Dictionary<string, IReadOnlyList<string>>() },
                SoarJson.Options),
            StartedAt = 500,
        });
        var ended = events.Ended.Task.Wait(TimeSpan.FromSeconds(5));
        Console.WriteLine(ended ? events.Ended.Task.Result : "not ended");
        return 0;
    }

    private sealed class Events : IPlaybookHostEvents
    {
        public TaskCompletionSource<string> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public InProcessHost Host { get; set; } = null!;

        public void StepCalled(StepCall call) => Host.Deliver(call.Run, new Delivery(call.Ordinal, DeliveryKind.Done, 1000, "null"u8.ToArray()));

        public void StepCancelled(RunId run, int ordinal)
        {
        }

        public void Idle(RunIdle idle)
        {
        }

        void IPlaybookHostEvents.Ended(RunEnd end) => Ended.TrySetResult($"{end.Kind} {Encoding.UTF8.GetString(end.Payload.Span)}");

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost) => Ended.TrySetResult("died " + reason);
    }
}
