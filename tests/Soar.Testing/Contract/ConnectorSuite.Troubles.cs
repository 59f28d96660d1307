using Soar.Capabilities;
using Soar.Connectors;
using Xunit;

namespace Soar.Testing.Contract;

public abstract partial class ConnectorSuite<TConnector, TSettings, TOther>
{
    /// <summary>The contract: from the cancellation until the call has ended.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    /// <summary>A test machine in the middle of other tests is not always that quick itself, a connector that does not listen is slow every time.</summary>
    private const int Tries = 3;

    [Theory]
    [MemberData(nameof(EachAction))]
    public async Task It_does_what_it_says_and_an_effect_shows_at_the_other_side(string id)
    {
        var action = Find(id);
        await using var other = Double();
        if (Unsupported(action) is not null)
        {
            await RefusesAsync(other, action);
            return;
        }

        await PrepareAsync(other, action);
        var before = other.State;
        var pace = new Pace(Rate.Parse("1000/s"), TimeProvider.System);
        await using var connector = Connector(Settings(other), other.Folder, pace);
        var ended = await DoAsync(connector, action);
        Assert.True(ended.Failure is null || (action.Declared.Waits && ended.Kind == FailureKind.NotYet), ended.ToString());
        Assert.Equal(action.Effect == Effect.ReadsOnly, before == other.State);
        Assert.True(other is not HttpOtherSide || pace.CountsRequests, "it speaks HTTP past HttpAccess: its rate counts no requests");
        NothingLeaked();
    }

    [Theory]
    [MemberData(nameof(EachAction))]
    public async Task A_repeat_under_the_same_key_changes_nothing(string id)
    {
        var action = Find(id);
        if (action.Effect == Effect.ReadsOnly || !action.Declared.SafeToRepeat || Unsupported(action) is not null) return; // the engine never repeats those before somebody has told what became of them
        await using var other = Double();
        await PrepareAsync(other, action);
        await using var connector = Connector(Settings(other), other.Folder);
        Assert.Null((await DoAsync(connector, action)).Failure);
        var (once, asked) = (other.State, other.Changes);
        Assert.Null((await DoAsync(connector, action)).Failure);
        Assert.Equal(once, other.State);
        if (asked is null) return;
        if (Resends(action) is { } why) Assert.True(why.Length > 15, $"say why {action.Id} is sent again");
        else Assert.Equal(asked, other.Changes); // on the way to the same state it might have been undone for a moment
    }

    [Theory]
    [MemberData(nameof(EachAction))]
    public async Task The_probe_finds_what_was_done_and_nothing_else(string id)
    {
        var action = Find(id);
        if (action.Probe is null || Unsupported(action) is not null) return;
        await using var other = Double();
        await PrepareAsync(other, action);
        await using var connector = Connector(Settings(other), other.Folder);
        var untouched = other.State;
        Assert.Equal(ProbeAnswer.Absent, (await ProbeAsync(connector, action, Key)).Answer);
        Assert.Equal(untouched, other.State);
        Assert.Null((await DoAsync(connector, action)).Failure);
        var done = other.State;
        var found = await ProbeAsync(connector, action, Key);
        Assert.Equal((ProbeAnswer.Present, KeepsKey(action)), (found.Answer, found.Ours));
        Assert.True(action.ResultType is null || found.Result is byte[] { Length: > 4 }, "a probe that finds it gives its result");
        Assert.False((await ProbeAsync(connector, action, OtherKey)).Ours, "what another effect did is not ours");
        Assert.Equal(done, other.State);
        if (action.Inverse is not { } inverse) return;
        Assert.Null((await DoAsync(connector, inverse)).Failure);
        Assert.Equal(ProbeAnswer.Absent, (await ProbeAsync(connector, action, Key)).Answer);
    }

    [Theory]
    [MemberData(nameof(EachTrouble))]
    public async Task A_trouble_is_told_as_what_it_is(string id, Trouble trouble)
    {
        var action = Find(id);
        if (Unsupported(action) is not null) return;
        await using var other = Double();
        await PrepareAsync(other, action);
        var effect = action.Effect != Effect.ReadsOnly;
        var place = Place(other, action);
        var expected = Meant(action, trouble, place.Make(trouble, changesOnly: effect));
        if (expected.Why is not null)
        {
            Assert.True(expected.Why.Length > 15, $"say why {trouble} cannot happen");
            return;
        }

        var before = other.State;
        await using var connector = Connector(Settings(other), other.Folder);
        var ended = await DoAsync(connector, action);
        var allowed = expected.Kinds ?? (effect ? OfEffect(trouble) : OfRead(trouble));
        Assert.True(ended.Failure is null or ConnectorFailure, $"only ConnectorFailure tells the engine what happened: {ended}");
        Assert.True(allowed.Contains(ended.Kind), $"allowed: {string.Join(", ", allowed.Select(kind => kind?.ToString() ?? "done"))}; it was {ended}");
        if (effect && ended.Kind is FailureKind.Transient or FailureKind.Permanent) Assert.Equal(before, other.State); // "surely not done" is no guess
        if (ended.Failure is ConnectorFailure failure)
        {
            Assert.True(failure.Message.Length > 15 && failure.Reason.Length > 0, $"the message says what happened and what to do, the reason in a word: {failure.Message} ({failure.Reason})");
            if (trouble == Trouble.Limited && expected.Kinds is null) Assert.Equal(place.Wait, failure.RetryAfter);
        }

        Assert.False(place.Strayed, "it followed to a host that its instance is not declared for");
        NothingLeaked();
    }

    /// <summary>What this protocol does not know cannot happen; but every action meets troubles that can, at a double that it goes to.</summary>
    [Theory]
    [MemberData(nameof(EachAction))]
    public async Task No_action_is_spared_from_every_trouble(string id)
    {
        var action = Find(id);
        if (Unsupported(action) is not null) return;
        var met = 0;
        foreach (var trouble in Enum.GetValues<Trouble>())
        {
            await using var other = Double();
            if (Meant(action, trouble, Place(other, action).Make(trouble, changesOnly: action.Effect != Effect.ReadsOnly)).Why is null) met++;
        }

        Assert.True(met > 0, $"{id} meets no trouble at all: say by {nameof(Place)} which part of the double it goes to");
    }

    [Theory]
    [MemberData(nameof(EachAction))]
    public async Task A_redirect_within_the_declared_hosts_takes_no_credential_along(string id)
    {
        var action = Find(id);
        await using var other = Double();
        if (action.Effect != Effect.ReadsOnly || Unsupported(action) is not null || Place(other, action) is not HttpOtherSide home) return; // an effect is never sent on
        await using var branch = home.Branch();
        home.SendTo(branch);
        await using var connector = Connector(Settings(other), other.Folder);
        await DoAsync(connector, action);
        var mask = new SecretMask(Canary);
        var carrying = home.Requests.SelectMany(request => request.Headers).Where(header => mask.Text(header.Value) != header.Value || home.Credentials.Any(credential => header.Value.EndsWith(credential, StringComparison.Ordinal)))
            .Select(header => header.Key).Concat(["Authorization", "Cookie"]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Equal(home.Requests.Any(request => request.Method == "GET"), branch.Requests.Count > 0); // within the declared hosts it is followed
        foreach (var asked in branch.Requests)
        {
            Assert.DoesNotContain(asked.Headers.Keys, carrying.Contains);
            foreach (var text in asked.Headers.Values.Append(asked.Target).Append(asked.Body)) Assert.Equal(mask.Text(text), text);
        }

        NothingLeaked();
    }

    [Theory]
    [MemberData(nameof(EachAction))]
    public async Task Cancelling_stops_it_within_a_second(string id)
    {
        var action = Find(id);
        if (Meaning(action, Trouble.SilentAfter) is not null || Unsupported(action) is not null) return; // it says nothing of the silence, so nobody waits
        await QuickAsync(async () =>
        {
            await using var other = Double();
            await PrepareAsync(other, action);
            var place = Place(other, action);
            if (place.Make(Trouble.SilentAfter, changesOnly: action.Effect != Effect.ReadsOnly, patient: true).Why is not null) return TimeSpan.Zero;
            var before = other.State;
            await using var connector = Connector(Settings(other), other.Folder);
            using var stop = new CancellationTokenSource();
            var doing = DoAsync(connector, action, cancellation: stop.Token);
            await Task.WhenAny(place.WhenAsked, doing).WaitAsync(Bound);
            Assert.False(doing.IsCompleted, "it did not wait for the answer");
            var began = TimeProvider.System.GetTimestamp();
            await stop.CancelAsync();
            var ended = await doing;
            var took = TimeProvider.System.GetElapsedTime(began);
            Assert.True(ended.Cancelled || ended.Kind is not null, ended.ToString());
            if (action.Effect != Effect.ReadsOnly && ended.Kind is FailureKind.Transient or FailureKind.Permanent) Assert.Equal(before, other.State);
            return took;
        });
    }

    [Fact]
    public async Task Its_connection_test_answers_usefully_throws_nothing_and_changes_nothing()
    {
        await using (var well = Double())
        {
            var before = well.State;
            await using var connector = Connector(Settings(well), well.Folder);
            var test = await connector.TestAsync(CancellationToken.None).WaitAsync(Bound);
            Say(test.Message);
            Assert.True(test.Ok && test.Message.Length > 10, test.Message);
            Assert.Equal(before, well.State);
        }

        foreach (var trouble in new[] { Trouble.Unauthorised, Trouble.Refused, Trouble.SilentAfter, Trouble.Garbage })
        {
            await using var other = Double();
            if (other.Make(trouble, changesOnly: false).Why is not null) continue;
            await using var connector = Connector(Settings(other), other.Folder);
            var test = await connector.TestAsync(CancellationToken.None).WaitAsync(Bound);
            Say(test.Message);
            Assert.True(test.Message.Length > 15, test.Message);
            Assert.True(!test.Ok || trouble == Trouble.Garbage, $"{trouble}: {test.Message}");
        }

        NothingLeaked();
    }

    [Fact]
    public Task Cancelling_stops_its_connection_test_within_a_second() => QuickAsync(async () =>
    {
        await using var other = Double();
        if (other.Make(Trouble.SilentAfter, changesOnly: false, patient: true).Why is not null) return TimeSpan.Zero;
        await using var connector = Connector(Settings(other), other.Folder);
        using var stop = new CancellationTokenSource();
        var testing = connector.TestAsync(stop.Token);
        await Task.WhenAny(other.WhenAsked, testing).WaitAsync(Bound);
        var began = TimeProvider.System.GetTimestamp();
        await stop.CancelAsync();
        await Task.WhenAny(testing).WaitAsync(Bound);
        var took = TimeProvider.System.GetElapsedTime(began);
        Assert.True(testing.IsCanceled || (testing.IsCompletedSuccessfully && !testing.Result.Ok));
        return took;
    });

    private static async Task QuickAsync(Func<Task<TimeSpan>> cancel)
    {
        var took = new List<TimeSpan>();
        do took.Add(await cancel());
        while (took[^1] > AtOnce && took.Count < Tries);
        Assert.True(took[^1] <= AtOnce, $"cancelled, it went on for {string.Join(", ", took.Select(time => $"{time.TotalSeconds:0.0} s"))}");
    }

    [Fact]
    public async Task A_service_that_throws_our_credentials_back_at_us_puts_none_into_a_record()
    {
        var mask = new SecretMask(Canary);
        foreach (var action in Actions.Where(action => Unsupported(action) is null))
        {
            IReadOnlyList<Trouble> echoes;
            await using (var asked = Double()) echoes = Place(asked, action).CanEcho;
            foreach (var trouble in echoes)
            {
                await using var other = Double();
                await PrepareAsync(other, action);
                var place = Place(other, action);
                place.Echoes = true;
                place.Make(trouble, changesOnly: false);
                await using var connector = Connector(Settings(other), other.Folder);
                var ended = await DoAsync(connector, action);
                // What the engine writes down: the message or the result, through the mask.
                var written = mask.Text(ended.Failure?.Message ?? ended.Result!);
                Assert.DoesNotContain("c4nary", written);
                Assert.All(place.Credentials, credential => Assert.DoesNotContain(credential, written));
            }
        }
    }

    /// <summary>What the product cannot do is refused before anything is sent, in dry runs too.</summary>
    private async Task RefusesAsync(TOther other, ActionDescriptor action)
    {
        Assert.True(Unsupported(action)!.Length > 15, $"say why {action.Id} is not for this product");
        var before = other.State;
        await using var connector = Connector(Settings(other), other.Folder);
        foreach (var target in new[] { connector, connector.Simulator })
        {
            var refusal = await Assert.ThrowsAsync<ConnectorFailure>(() => action.InvokeAsync(target, Values.Arguments(action, Argument), Given.Context(Key, Values.Artifacts), CancellationToken.None));
            Assert.Equal((FailureKind.Permanent, "unsupported"), (refusal.Kind, refusal.Reason));
        }

        Assert.Equal(before, other.State);
        Assert.True(other is not HttpOtherSide { Requests.Count: > 0 }, "it was asked all the same");
    }

    private Expectation Meant(ActionDescriptor action, Trouble trouble, Expectation usual) => usual.Why is null ? Meaning(action, trouble) ?? usual : usual;

    private static List<FailureKind?> OfRead(Trouble trouble) => trouble switch
    {
        Trouble.Unauthorised or Trouble.Forbidden or Trouble.Redirected => [FailureKind.Permanent],
        Trouble.Missing or Trouble.Conflict => [FailureKind.Permanent, null],
        Trouble.Garbage or Trouble.Truncated or Trouble.Huge => [FailureKind.Transient, FailureKind.Permanent],
        _ => [FailureKind.Transient],
    };

    private static List<FailureKind?> OfEffect(Trouble trouble) => trouble switch
    {
        Trouble.Unauthorised or Trouble.Forbidden or Trouble.Redirected => [FailureKind.Permanent],
        Trouble.Missing or Trouble.Conflict => [FailureKind.Permanent, FailureKind.Transient, null],
        Trouble.ServerError or Trouble.SilentAfter or Trouble.BrokenAfter => [FailureKind.Unknown],
        Trouble.Garbage or Trouble.Truncated or Trouble.Huge => [FailureKind.Unknown, null],
        _ => [FailureKind.Transient],
    };
}
