using System.Reflection;
using Soar.Alerts;
using Soar.Connectors;
using Xunit;

namespace Soar.Testing.Contract;

/// <summary>
/// What every source of alerts owes the engine. Derive one sealed class per source, say its settings, how its sender sends an alert and something that nobody can read, and nothing more.
/// </summary>
public abstract class SourceSuite<TConnector, TSettings> : SettingsSuite<TSettings>, IDisposable
    where TConnector : class, IAlertSource
    where TSettings : class, IValidatedSettings, new()
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>The contract says one second; a test machine in the middle of other tests is not always that quick itself.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    private readonly List<string> said = [];

    /// <summary>For files and sockets.</summary>
    protected TempFolder Folder { get; } = new();

    /// <summary>Settings that work; every secret is <see cref="SettingsSuite{TSettings}.Canary"/>.</summary>
    protected abstract TSettings Settings();

    /// <summary>The product sends an alert; the same number is the same alert. True when it is satisfied, false when it knows that it must send again.</summary>
    protected abstract Task<bool> SendAsync(TSettings settings, int number);

    /// <summary>Something comes that is no message of the product's.</summary>
    protected abstract Task SendGarbageAsync(TSettings settings);

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override Task WithGoodAsync(Action<TSettings> look)
    {
        look(Settings());
        return Task.CompletedTask;
    }

    private TConnector Connector(TSettings settings) => (TConnector)Activator.CreateInstance(typeof(TConnector), settings, Given.Services(Folder.Path) with { Log = new Listener(said) })!;

    private async Task<TConnector> StartedAsync(TSettings settings, HeldIntake intake)
    {
        var connector = Connector(settings);
        await connector.StartAsync(intake, CancellationToken.None);
        return connector;
    }

    private void NothingLeaked()
    {
        var mask = new SecretMask(Canary);
        lock (said) Assert.All(said, line => Assert.Equal(mask.Text(line), line));
    }

    [Fact]
    public async Task Its_shape_is_what_the_registry_expects_and_a_simulated_instance_needs_nothing()
    {
        Assert.True(typeof(TConnector).IsSealed && typeof(TConnector).IsPublic);
        var parameters = Assert.Single(typeof(TConnector).GetConstructors()).GetParameters();
        Assert.Equal([typeof(TSettings), typeof(ConnectorServices)], parameters.Select(parameter => parameter.ParameterType));
        var declared = typeof(TConnector).GetCustomAttribute<ConnectorAttribute>()!;
        Assert.Matches("^[a-z][a-z0-9-]*$", declared.Type);
        Assert.NotEmpty(declared.Summary);
        await using var connector = Connector(new TSettings());
        Assert.NotNull(connector.Simulator);
    }

    [Fact]
    public async Task An_alert_is_known_again_however_often_its_sender_sends_it()
    {
        var (settings, intake) = (Settings(), new HeldIntake());
        await using var connector = await StartedAsync(settings, intake);
        foreach (var number in new[] { 1, 2, 1, 3 })
        {
            var before = intake.Alerts.Count;
            Assert.True(await SendAsync(settings, number), $"the sender of alert {number} was not satisfied");
            await intake.UntilAsync(i => i.Alerts.Count == before + 1);
        }

        Assert.Equal(3, intake.Ids.Count);
        Assert.Equal(intake.Alerts[0].Alert.Id, intake.Alerts[2].Alert.Id);
        Assert.All(intake.Alerts, alert => Assert.Empty(AlertCheck.Problems(alert.Alert)));
        Assert.All(intake.Alerts, alert => Assert.NotNull(alert.Alert.Payload));
        Assert.Empty(intake.Unreadable);
        NothingLeaked();
    }

    [Fact]
    public async Task What_nobody_can_read_is_kept_as_such_and_the_next_alert_is_taken()
    {
        var (settings, intake) = (Settings(), new HeldIntake());
        await using var connector = await StartedAsync(settings, intake);
        await SendGarbageAsync(settings);
        await intake.UntilAsync(i => i.Unreadable.Count > 0);
        Assert.All(intake.Unreadable, input => Assert.True(input.Problem.Length > 15 && input.Text.Length > 0, $"'{input.Problem}' does not say what is wrong"));
        Assert.True(await SendAsync(settings, 1));
        await intake.UntilAsync(i => i.Ids.Count == 1);
        NothingLeaked();
    }

    [Theory]
    [InlineData("full")]
    [InlineData("away")]
    public async Task While_the_intake_takes_nothing_nothing_is_lost_and_the_sender_is_held_back_or_told(string trouble)
    {
        var (settings, intake) = (Settings(), new HeldIntake());
        await using var connector = await StartedAsync(settings, intake);
        Assert.True(await SendAsync(settings, 1));
        await intake.UntilAsync(i => i.Ids.Count == 1);
        intake.Trouble = () => trouble == "full" ? new IntakeFullException(20_000, TimeSpan.FromSeconds(1)) : new SoarException("SOAR3005", "The disk is full.");
        var satisfied = await SendAsync(settings, 2);
        await intake.UntilAsync(i => i.Refused > 0);
        Assert.Equal(1, intake.Ids.Count);
        intake.Trouble = null;
        if (!satisfied) Assert.True(await SendAsync(settings, 2));
        await intake.UntilAsync(i => i.Ids.Count == 2);
        lock (said) Assert.Contains(said, line => line.Contains("holds back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ending_it_takes_no_time_also_while_it_is_held_back_and_what_was_not_taken_is_not_counted_as_taken()
    {
        var (settings, intake) = (Settings(), new HeldIntake());
        var connector = await StartedAsync(settings, intake);
        intake.Trouble = () => new IntakeFullException(20_000, TimeSpan.FromSeconds(60));
        await SendAsync(settings, 1);
        await intake.UntilAsync(i => i.Refused > 0);
        await connector.DisposeAsync().AsTask().WaitAsync(AtOnce);
        await connector.DisposeAsync(); // twice is once
        Assert.Empty(intake.Alerts);
    }

    [Fact]
    public async Task It_can_be_started_again_where_it_was_ended()
    {
        var (settings, intake) = (Settings(), new HeldIntake());
        await using (await StartedAsync(settings, intake))
        {
            await SendAsync(settings, 1);
            await intake.UntilAsync(i => i.Ids.Count == 1);
        }

        await using var again = await StartedAsync(settings, intake);
        await SendAsync(settings, 2);
        await intake.UntilAsync(i => i.Ids.Count == 2);
    }

    [Fact]
    public async Task Its_connection_test_answers_usefully_from_any_process_and_throws_nothing()
    {
        var settings = Settings();
        await using (var nobody = Connector(settings))
        {
            var test = await nobody.TestAsync(CancellationToken.None).WaitAsync(Bound);
            lock (said) said.Add(test.Message);
            Assert.True(test.Message.Length > 15, test.Message);
        }

        await using var connector = await StartedAsync(settings, new HeldIntake());
        await using var elsewhere = Connector(settings);
        foreach (var asked in new[] { connector, elsewhere })
        {
            var test = await asked.TestAsync(CancellationToken.None).WaitAsync(Bound);
            lock (said) said.Add(test.Message);
            Assert.True(test.Ok && test.Message.Length > 15, test.Message);
        }

        foreach (var (wrong, field) in Wrong(settings))
        {
            await using var broken = Connector(wrong);
            var test = await broken.TestAsync(CancellationToken.None).WaitAsync(Bound);
            Assert.True(!test.Ok, $"{field}: {test.Message}");
        }

        NothingLeaked();
    }
}
