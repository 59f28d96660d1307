using Soar.Alerts;
using Soar.Connectors.Alerts;
using Soar.Connectors.Suricata;
using Soar.Testing;

namespace Soar.Tests.Connectors.Suricata;

/// <summary>A file is followed over everything that happens to logs: each line is handed over, whatever is renamed, copied, cut or killed.</summary>
public sealed class LogFollowerTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly HeldIntake intake = new();

    public void Dispose() => folder.Dispose();

    private string Log => Path.Combine(folder.Path, "log", "eve.json");

    private string Old(string name) => Path.Combine(folder.Path, "log", name);

    private SuricataConnector Connector(bool readExisting = false) => new(new SuricataSettings { File = Log, ReadExisting = readExisting }, Given.Services(folder.Path));

    private async Task<SuricataConnector> FollowAsync(bool readExisting = false)
    {
        var connector = Connector(readExisting);
        await connector.StartAsync(intake, CancellationToken.None);
        return connector;
    }

    private void Write(params int[] numbers)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Log)!);
        foreach (var number in numbers) Eve.Append(Log, Eve.Alert(number));
    }

    private Task UntilAsync(params int[] numbers) => intake.UntilAsync(i => i.Ids.Count == numbers.Length);

    /// <summary>These and no others, in this order, none twice.</summary>
    private void Exactly(params int[] numbers)
    {
        Assert.Equal(numbers, intake.Alerts.Select(a => Eve.Number(a.Alert)));
        Assert.Empty(intake.Unreadable);
    }

    [Fact]
    public async Task What_stood_there_before_is_taken_only_where_it_is_asked_for()
    {
        Write(1, 2);
        Eve.Append(Log, Eve.Alert(3)[..40]);
        await using (await FollowAsync())
        {
            Eve.Append(Log, Eve.Alert(3)[40..]); // it was being written: new
            Write(4);
            await UntilAsync(3, 4);
            Exactly(3, 4);
        }

        var second = new HeldIntake();
        await using var all = new SuricataConnector(new SuricataSettings { File = Log, ReadExisting = true }, Given.Services(folder.Path) with { OwnFolder = Path.Combine(folder.Path, "another") });
        await all.StartAsync(second, CancellationToken.None);
        await second.UntilAsync(i => i.Ids.Count == 4);
    }

    [Fact]
    public async Task A_file_that_appears_later_is_taken_from_its_beginning()
    {
        await using var connector = await FollowAsync();
        Assert.False((await connector.TestAsync(CancellationToken.None)).Ok);
        Write(1);
        await UntilAsync(1);
        Exactly(1);
        Assert.True((await connector.TestAsync(CancellationToken.None)).Ok);
    }

    [Fact]
    public async Task A_line_waits_for_its_rest_and_what_is_no_alert_is_counted()
    {
        Write();
        await using var connector = await FollowAsync(readExisting: true);
        Write(1);
        var line = Eve.Alert(2);
        Eve.Append(Log, line[..50]);
        await UntilAsync(1);
        Eve.Append(Log, line[50..100]);
        Eve.Append(Log, line[100..] + Eve.Flow + Eve.Alert(3));
        await UntilAsync(1, 2, 3);
        Exactly(1, 2, 3);
        Assert.Equal(1, intake.Ignored);
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_is_kept_visible_and_one_without_end_is_skipped()
    {
        Write();
        await using var connector = await FollowAsync(readExisting: true);
        Eve.Append(Log, "{\"event_type\":\"alert\",\"alert\":{}}\n[]\n{\"event_type\":\"alert\"}\n\0\0\0" + Eve.Alert(1) + "{\"half\n");
        Eve.Append(Log, new string('x', EveLine.Longest + 5_000_000));
        await intake.UntilAsync(i => i.Unreadable.Count >= 5);
        Eve.Append(Log, "the rest of it\n" + Eve.Alert(2));
        await UntilAsync(1, 2);
        Assert.Equal([1, 2], intake.Alerts.Select(a => Eve.Number(a.Alert)));
        Assert.Equal(5, intake.Unreadable.Count);
        Assert.Contains("timestamp", intake.Unreadable[0].Problem);
        Assert.Contains("longer than 4 MiB", intake.Unreadable[4].Problem);
    }

    [Fact]
    public async Task Renamed_under_way_the_old_file_is_read_to_its_end_also_what_is_written_to_it_after_that()
    {
        Write(1);
        await using var connector = await FollowAsync(readExisting: true);
        await UntilAsync(1);
        File.Move(Log, Old("eve.json.1"));
        File.WriteAllText(Log, ""); // logrotate's create: Suricata has not gone over yet
        Eve.Append(Old("eve.json.1"), Eve.Alert(2));
        await UntilAsync(1, 2);
        Eve.Append(Old("eve.json.1"), Eve.Alert(3));
        Write(4, 5);
        await UntilAsync(1, 2, 3, 4, 5);
        Exactly(1, 2, 3, 4, 5);
    }

    [Fact]
    public async Task Copied_and_cut_under_way_what_was_not_read_is_read_from_the_copy()
    {
        Write(1);
        await using var connector = await FollowAsync(readExisting: true);
        await UntilAsync(1);
        intake.Trouble = () => new IntakeFullException(1, TimeSpan.FromSeconds(1));
        Write(2);
        await intake.UntilAsync(i => i.Refused > 0);
        Write(3);
        CopyAndCut("eve.json.1");
        Write(4);
        intake.Trouble = null;
        await UntilAsync(1, 2, 3, 4);
        Exactly(1, 2, 3, 4);
    }

    [Theory]
    [InlineData("rename")]
    [InlineData("copy")]
    public async Task Rotated_twice_while_nobody_followed_nothing_is_lost_and_nothing_comes_twice(string way)
    {
        Write(1, 2);
        await using (await FollowAsync(readExisting: true))
            await UntilAsync(1, 2);
        void Rotate()
        {
            if (File.Exists(Old("eve.json.1"))) File.Move(Old("eve.json.1"), Old("eve.json.2"));
            if (way == "copy") CopyAndCut("eve.json.1");
            else File.Move(Log, Old("eve.json.1"));
        }

        Write(3, 4);
        Rotate();
        Write(5, 6);
        Rotate();
        Write(7);
        await using var again = await FollowAsync();
        await UntilAsync(1, 2, 3, 4, 5, 6, 7);
        Exactly(1, 2, 3, 4, 5, 6, 7);
        Write(8);
        await UntilAsync(1, 2, 3, 4, 5, 6, 7, 8);
        Exactly(1, 2, 3, 4, 5, 6, 7, 8);
    }

    [Fact]
    public async Task Killed_between_opening_a_file_and_its_first_line_that_file_comes_before_those_that_were_rotated_after_it()
    {
        Write(1);
        await using (await FollowAsync(readExisting: true))
        {
            await UntilAsync(1);
            intake.Trouble = () => new IntakeFullException(1, TimeSpan.FromSeconds(1));
            File.Move(Log, Old("eve.json.1"));
            Write(2);
            await intake.UntilAsync(i => i.Refused > 0); // it is open, and nothing of it was taken
        }

        intake.Trouble = null;
        File.Move(Log, Old("eve.json.2"));
        Write(3);
        File.Move(Log, Old("eve.json.3"));
        Write(4);
        await using var again = await FollowAsync();
        await UntilAsync(1, 2, 3, 4);
        Exactly(1, 2, 3, 4);
    }

    [Fact]
    public async Task An_empty_file_that_was_filled_copied_and_cut_while_nobody_followed_is_read_from_the_copy()
    {
        Write();
        File.WriteAllText(Log, "");
        await using (await FollowAsync())
            Assert.True(File.Exists(Path.Combine(folder.Path, "connectors", "instance", "eve-place.json")));
        Write(1, 2);
        CopyAndCut("eve.json-20261124");
        Write(3);
        await using var again = await FollowAsync();
        await UntilAsync(1, 2, 3);
        Exactly(1, 2, 3);
    }

    [Fact]
    public async Task Cut_without_a_copy_the_gap_is_told_and_it_goes_on()
    {
        Write(1, 2);
        await using (await FollowAsync(readExisting: true))
            await UntilAsync(1, 2);
        File.WriteAllText(Log, Eve.Alert(3));
        await using var again = await FollowAsync();
        await UntilAsync(1, 2, 3);
        Assert.Contains("is lost", Assert.Single(intake.Unreadable).Problem);
    }

    [Fact]
    public async Task Another_file_with_the_same_inode_is_no_continuation()
    {
        Write(1);
        await using (await FollowAsync(readExisting: true))
            await UntilAsync(1);
        // The same length, other bytes: as when an inode number is used again.
        using (var file = new FileStream(Log, FileMode.Open, FileAccess.Write)) file.Write(System.Text.Encoding.UTF8.GetBytes(Eve.Alert(2)));
        await using var again = await FollowAsync();
        await UntilAsync(1, 2);
        Assert.Equal([1, 2], intake.Alerts.Select(a => Eve.Number(a.Alert)));
        Assert.Single(intake.Unreadable);
    }

    [Fact]
    public async Task Whatever_happens_to_the_file_at_whatever_moment_every_line_comes_and_in_order()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        var random = new Random(seed);
        Write();
        File.WriteAllText(Log, "");
        var connector = await FollowAsync();
        var (written, copies) = (0, 0);
        for (var turn = 0; turn < 60; turn++)
        {
            switch (random.Next(5))
            {
                case 0:
                    File.Move(Log, Old($"eve.json-{copies++:0000}"));
                    File.WriteAllText(Log, "");
                    break;
                case 1:
                    CopyAndCut($"eve.json-{copies++:0000}");
                    break;
                case 2:
                    await connector.DisposeAsync();
                    connector = await FollowAsync();
                    break;
                case 3:
                    await intake.UntilAsync(i => i.Ids.Count == written); // it catches up
                    break;
            }

            for (var line = random.Next(1, 30); line > 0; line--) Write(++written);
        }

        await intake.UntilAsync(i => i.Ids.Count == written);
        await connector.DisposeAsync();
        Assert.True(intake.Unreadable.Count == 0, $"seed {seed}: {intake.Unreadable.FirstOrDefault()?.Problem}");
        Assert.Equal(Enumerable.Range(1, written), intake.Alerts.Select(a => Eve.Number(a.Alert)).Distinct());
    }

    private void CopyAndCut(string name)
    {
        File.Copy(Log, Old(name));
        using var file = new FileStream(Log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }
}
