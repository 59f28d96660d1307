namespace Soar.Tests.Scripting.Check;

/// <summary>The words that snippets use, as far as the checker cares: their names and shapes.</summary>
internal static class StandIn
{
    public const string Text = """
        #nullable enable
        using System; using System.Collections.Generic; using System.Runtime.CompilerServices; using System.Threading.Tasks; using Soar; using Soar.Capabilities;
        namespace Soar.Language
        {
            public readonly struct Site { public Site(int i) { } }
            public struct StepAwaiter : ICriticalNotifyCompletion { public bool IsCompleted => true; public void GetResult() { } public void OnCompleted(Action a) { } public void UnsafeOnCompleted(Action a) { } }
            public struct StepAwaiter<T> : ICriticalNotifyCompletion { public bool IsCompleted => true; public T GetResult() => default!; public void OnCompleted(Action a) { } public void UnsafeOnCompleted(Action a) { } }
            public struct StepBuilder<T>
            {
                public Step<T> Task => null!; public static StepBuilder<T> Create() => default; public void Start<S>(ref S s) where S : IAsyncStateMachine { }
                public void SetStateMachine(IAsyncStateMachine s) { } public void SetResult(T r) { } public void SetException(Exception e) { }
                public void AwaitOnCompleted<A, S>(ref A a, ref S s) where A : INotifyCompletion where S : IAsyncStateMachine { }
                public void AwaitUnsafeOnCompleted<A, S>(ref A a, ref S s) where A : ICriticalNotifyCompletion where S : IAsyncStateMachine { }
            }
            public struct StepBuilder
            {
                public Step Task => null!; public static StepBuilder Create() => default; public void Start<S>(ref S s) where S : IAsyncStateMachine { }
                public void SetStateMachine(IAsyncStateMachine s) { } public void SetResult() { } public void SetException(Exception e) { }
                public void AwaitOnCompleted<A, S>(ref A a, ref S s) where A : INotifyCompletion where S : IAsyncStateMachine { }
                public void AwaitUnsafeOnCompleted<A, S>(ref A a, ref S s) where A : ICriticalNotifyCompletion where S : IAsyncStateMachine { }
            }
            [AsyncMethodBuilder(typeof(StepBuilder))] public abstract class Step { public Step Retry(int attempts) => this; public Step Timeout(TimeSpan after) => this; public Step Titled(Text title) => this; public StepAwaiter GetAwaiter() => default; }
            [AsyncMethodBuilder(typeof(StepBuilder<>))] public abstract class Step<T> : Step { public new Step<T> Retry(int attempts) => this; public new Step<T> Timeout(TimeSpan after) => this; public new Step<T> Titled(Text title) => this; public new StepAwaiter<T> GetAwaiter() => default; }
            public abstract class StepException : Exception { public string Code => ""; public string Step => ""; public int Attempts => 1; }
            public sealed class StepFailed : StepException { }
            public sealed class StepTimedOut : StepException { }
            public abstract class Script
            {
                protected abstract Task<Outcome> Body();
                protected Alert Alert => null!; protected DateTimeOffset Now => default;
                protected static void Playbook(string name, string version, PlaybookType type, Tlp tlp, string summary) { }
                protected T Input<T>(string name, string description, Func<Alert, T?>? from = null) where T : class => null!;
                protected T Input<T>(string name, T @default, string description) => @default;
                protected Step<(T1, T2)> All<T1, T2>(Step<T1> a, Step<T2> b, Site at = default) => null!;
                protected Step<IReadOnlyList<T>> All<T>(IEnumerable<Step<T>> steps, int parallel = 8, Site at = default) => null!;
                protected Step All(Step a, Step b, Site at = default) => null!;
                protected Step All(IEnumerable<Step> steps, int parallel = 8, Site at = default) => null!;
                protected Step<IReadOnlyList<R>> ForEach<T, R>(IEnumerable<T> items, Func<T, Step<R>> body, int parallel = 8, Site at = default) => null!;
                protected Step ForEach<T>(IEnumerable<T> items, Func<T, Step> body, int parallel = 8, Site at = default) => null!;
                protected Step<T> Any<T>(Step<T> a, Step<T> b, Site at = default) => null!;
                protected Step<Decision> Ask(string who, Text question, IEnumerable<Step>? steps = null, TimeSpan? within = null, int quorum = 1, string? escalateTo = null, Site at = default) => null!;
                protected Step Wait(TimeSpan duration, Site at = default) => null!;
                protected Step Note(Text text, Site at = default) => null!;
                protected Step<Outcome> Run(string playbook, object? inputs = null, Site at = default) => null!;
                protected Outcome RunAgain(object? inputs = null) => null!;
                protected Step<Signal<T>> Receive<T>(string signal, TimeSpan? within = null, Site at = default) => null!;
            }
        }
        namespace Soar.Facades
        {
            using Soar.Language;
            public abstract class PlaybookBase : Script
            {
                protected FirewallFacade Firewall => null!; protected IntelFacade Intel => null!; protected IspFacade Isp => null!; protected MailFacade Mail => null!; protected HttpFacade Http => null!; protected ListsFacade Lists => null!;
            }
            public sealed class FirewallFacade { public string Name => ""; public IReadOnlyList<FirewallFacade> All => []; public FirewallFacade this[string name] => this; public Step<FirewallBlock> Block(IpAddress address, TimeSpan duration, Site at = default) => null!; public Step Unblock(IpAddress address, Site at = default) => null!; }
            public sealed class IntelFacade { public IReadOnlyList<IntelFacade> All => []; public Step<IntelReport> Lookup(IpAddress address, Site at = default) => null!; }
            public sealed class IspFacade { public Step<NetworkOwner> Owner(IpAddress address, Site at = default) => null!; public Step<ProviderReport> Report(NetworkOwner owner, IpAddress address, string template, Site at = default) => null!; }
            public sealed class MailFacade { public Step<SentMail> Send(EmailAddress to, Text subject, Text body, IReadOnlyList<Artifact>? attachments = null, string? inReplyTo = null, Site at = default) => null!; }
            public sealed class HttpFacade { public Step<HttpAnswer> Get(string path, Site at = default) => null!; }
            public sealed class ListsFacade { public Step<ListTable> this[string name, Site at = default] => null!; }
        }
        """;
}
