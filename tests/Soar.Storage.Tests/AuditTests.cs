using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Soar.Storage.Tests;

/// <summary>The audit's chain: whatever is done to the file behind Soar's back is found and named.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);
    private readonly SoarDatabase database = SoarDatabase.OpenForTests(TimeProvider.System);
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private AuditStore audit = null!;

    public async ValueTask InitializeAsync()
    {
        audit = new AuditStore(database);
        for (var i = 1; i <= 12; i++)
        {
            await audit.AppendAsync(new AuditEntry(i % 2 == 0 ? "ana" : "marko", "command line", "answer", $"question-{i}", $$"""{"answer":"approve","n":{{i}}}""", "done"), Start.AddSeconds(i));
            if (i is 5 or 10) await audit.CheckpointAsync(key, Start.AddSeconds(i));
        }
    }

    public async ValueTask DisposeAsync()
    {
        key.Dispose();
        await database.DisposeAsync();
    }

    // As somebody does who has the file and a tool of their own.
    private void Tamper(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database.File};Foreign Keys=False;Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("a\0b")]
    [InlineData("\ud800")]
    [InlineData("\ud83d\udca3")]
    [InlineData("\ufeff")]
    public async Task Whatever_was_written_is_what_the_chain_holds_however_long_it_is(string odd)
    {
        foreach (var length in new[] { 1, 100, 257, 5000 })
        {
            var text = odd + new string('x', length);
            await audit.AppendAsync(new AuditEntry(text, text, text, text, text, text), Start.AddMinutes(1));
            var kept = odd == "\ud800" ? "\ufffd" + new string('x', length) : text; // half a character is none
            Assert.Equal(new AuditEntry(kept, kept, kept, kept, kept, kept), (await audit.ListAsync(null, null, null, 1))[0].Entry);
        }

        Assert.Null(await audit.VerifyAsync(key));
    }

    [Fact]
    public async Task An_untouched_chain_verifies_with_and_without_its_key()
    {
        Assert.Null(await audit.VerifyAsync(key));
        Assert.Null(await audit.VerifyAsync(null));
    }

    [Theory]
    [InlineData("UPDATE audit SET who = 'ivan' WHERE number = 7", "record 7 was changed")]
    [InlineData("UPDATE audit SET at = at + 1 WHERE number = 1", "record 1 was changed")]
    [InlineData("UPDATE audit SET details = REPLACE(details, 'approve', 'refuse') WHERE number = 12", "record 12 was changed")]
    [InlineData("UPDATE audit SET outcome = 'refused' WHERE number = 3", "record 3 was changed")]
    [InlineData("DELETE FROM audit WHERE number = 7", "record 7 is missing")]
    [InlineData("DELETE FROM audit WHERE number = 1", "record 1 is missing")]
    [InlineData("DELETE FROM audit WHERE number >= 9", "cut off: checkpoint 10")]
    [InlineData("UPDATE audit SET number = 99 WHERE number = 7; UPDATE audit SET number = 7 WHERE number = 8; UPDATE audit SET number = 8 WHERE number = 99", "record 7 does not follow")]
    [InlineData("UPDATE audit_checkpoints SET hash = '0000000000000000000000000000000000000000000000000000000000000000' WHERE number = 5", "record 5 is not the one that was signed")]
    [InlineData("UPDATE audit_checkpoints SET at = at + 1 WHERE number = 10", "signature of checkpoint 10 is wrong")]
    [InlineData("UPDATE audit_checkpoints SET signature = 'no base64' WHERE number = 10", "signature of checkpoint 10 is wrong")]
    public async Task What_was_flipped_removed_or_reordered_is_named(string change, string finding)
    {
        Tamper(change);
        Assert.Contains(finding, await audit.VerifyAsync(key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_chain_made_anew_does_not_have_the_signatures()
    {
        Tamper("DELETE FROM audit WHERE number > 3");
        Tamper("DELETE FROM audit_checkpoints");
        for (var i = 4; i <= 12; i++) await audit.AppendAsync(new AuditEntry("ana", "command line", "answer", $"forged-{i}", "{}", "done"), Start.AddSeconds(i));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await audit.CheckpointAsync(other, Start);
        Assert.Contains("signed with another key", await audit.VerifyAsync(key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_whose_signatures_were_removed_is_told()
    {
        for (var i = 13; i <= 301; i++)
        {
            await audit.AppendAsync(new AuditEntry("ana", "command line", "answer", $"question-{i}", "{}", "done"), Start.AddSeconds(i));
            if (i % AuditStore.SignedEvery == 0) await audit.CheckpointAsync(key, Start.AddSeconds(i));
        }

        Assert.Null(await audit.VerifyAsync(key));
        Assert.Equal(300, await audit.SignedUpToAsync());
        Tamper("DELETE FROM audit_checkpoints");
        Assert.Contains("no checkpoint signs any of the audit records 1 to 301", await audit.VerifyAsync(key), StringComparison.Ordinal);
        Assert.Equal(0, await audit.SignedUpToAsync());
    }

    [Fact]
    public async Task Records_written_at_the_same_time_still_make_one_chain()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => audit.AppendAsync(new AuditEntry("ana", "10.0.0.1", "signal", $"run-{i}", "{}", "done"), Start)));
        Assert.Null(await audit.VerifyAsync(key));
        Assert.Equal(212, (await audit.ListAsync(null, null, null, 1000)).Count);
    }

    [Fact]
    public async Task It_is_listed_newest_first_by_person_by_target_and_by_page()
    {
        Assert.Equal([12, 10, 8], (await audit.ListAsync("ana", null, null, 3)).Select(record => record.Number));
        Assert.Equal([6, 4, 2], (await audit.ListAsync("ana", null, 8, 3)).Select(record => record.Number));
        Assert.Equal(7, Assert.Single(await audit.ListAsync(null, "question-7", null, 10)).Number);
    }

    [Fact]
    public async Task The_newest_record_is_signed_once()
    {
        Assert.NotNull(await audit.CheckpointAsync(key, Start));
        Assert.Null(await audit.CheckpointAsync(key, Start));
    }
}
