using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Soar.Storage;

/// <summary>What somebody did, or was refused.</summary>
/// <param name="Who">The person, or the token's name, or <c>soar</c> itself.</param>
/// <param name="Origin">From where: <c>command line</c>, or an address.</param>
/// <param name="What">The change by name: <c>answer</c>, <c>lift</c>, <c>cancel</c>.</param>
/// <param name="Target">On what: a run, a question, a containment.</param>
/// <param name="Details">Its arguments as JSON, secrets left out.</param>
/// <param name="Outcome"><c>done</c>, or the code and text of the refusal.</param>
public sealed record AuditEntry(string Who, string Origin, string What, string Target, string Details, string Outcome);

/// <summary>An entry in its place in the chain.</summary>
/// <param name="Number">From 1, without a gap.</param>
/// <param name="Hash">Of this record and, through <paramref name="Previous"/>, of all before it.</param>
public sealed record AuditRecord(long Number, DateTimeOffset At, AuditEntry Entry, string Previous, string Hash)
{
    /// <summary>The hash before the first record.</summary>
    public static string Start { get; } = new('0', 64);

    /// <summary>
    /// SHA-256 over the fields as UTF-8, each preceded by its length in bytes and a colon (so that no two lists of fields look alike): number, UTC Unix milliseconds, who, origin, what,
    /// target, details, outcome, the previous hash. Anybody can recompute it.
    /// </summary>
    public string ComputeHash()
    {
        using var text = new MemoryStream();
        foreach (var field in new[]
        {
            Number.ToString(CultureInfo.InvariantCulture), At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), Entry.Who, Entry.Origin, Entry.What, Entry.Target, Entry.Details,
            Entry.Outcome, Previous,
        })
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            text.Write(Encoding.UTF8.GetBytes($"{bytes.Length}:"));
            text.Write(bytes);
        }

        return Convert.ToHexStringLower(SHA256.HashData(text.ToArray()));
    }
}

/// <summary>That the chain had this hash at this number, signed with ECDSA P-256 over <see cref="Text"/>.</summary>
/// <param name="KeyId">SHA-256 of the public key (SubjectPublicKeyInfo).</param>
/// <param name="Signature">Base64, IEEE P1363.</param>
public sealed record AuditCheckpoint(long Number, string Hash, DateTimeOffset At, string KeyId, string Signature)
{
    /// <summary>What is signed.</summary>
    public static byte[] Text(long number, string hash, DateTimeOffset at) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"soar audit checkpoint {number} {hash} {at.ToUnixTimeMilliseconds()}"));
}

/// <summary>The audit: a chain of records that only grows.</summary>
public sealed class AuditStore(SoarDatabase database)
{
    /// <summary>The engine signs every so many records, and the newest when it ends.</summary>
    public const int SignedEvery = 100;

    // The chain needs no secret: who writes to the store can write all of it anew. Only signatures tell, so their absence must be told too. A process that is killed between a record and its
    // signature leaves one stretch of twice the length, and others may append while a signature is made.
    private const int LongestUnsigned = 3 * SignedEvery;

    private const string Select = "SELECT number, at, who, origin, what, target, details, outcome, previous, hash FROM audit";

    public Task<AuditRecord> AppendAsync(AuditEntry entry, DateTimeOffset at) => database.WriteAsync(session =>
    {
        var newest = session["SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"];
        var (number, previous) = newest.Step() ? (newest.Int64(0) + 1, newest.Text(1)) : (1, AuditRecord.Start);
        newest.Reset();
        var record = new AuditRecord(number, DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()), entry, previous, "");
        record = record with { Hash = record.ComputeHash() };
        session["""
            INSERT INTO audit (number, at, who, origin, what, target, details, outcome, previous, hash)
            VALUES (@number, @at, @who, @origin, @what, @target, @details, @outcome, @previous, @hash)
            """].Add(record.Number).Add(record.At.ToUnixTimeMilliseconds()).Add(entry.Who).Add(entry.Origin).Add(entry.What).Add(entry.Target).Add(entry.Details).Add(entry.Outcome).Add(record.Previous).Add(record.Hash).Run();
        return record;
    });

    /// <summary>Signs the newest record, unless it is signed already. Null when there is none to sign.</summary>
    public async Task<AuditCheckpoint?> CheckpointAsync(ECDsa key, DateTimeOffset at)
    {
        var newest = await database.Readers.ReadAsync(reader => reader.Connection.QueryFirstOrDefault<(long Number, string Hash)?>("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"));
        if (newest is not { } record) return null;
        var signature = Convert.ToBase64String(key.SignData(AuditCheckpoint.Text(record.Number, record.Hash, at), HashAlgorithmName.SHA256));
        var checkpoint = new AuditCheckpoint(record.Number, record.Hash, at, KeyId(key), signature);
        return await database.WriteAsync(session => session.Connection.Execute(
            "INSERT INTO audit_checkpoints (number, hash, at, key_id, signature) VALUES (@Number, @Hash, @at, @KeyId, @Signature) ON CONFLICT (number) DO NOTHING",
            new { checkpoint.Number, checkpoint.Hash, at = at.ToUnixTimeMilliseconds(), checkpoint.KeyId, checkpoint.Signature })) > 0 ? checkpoint : null;
    }

    /// <summary>Newest first; <paramref name="before"/> pages on.</summary>
    public Task<IReadOnlyList<AuditRecord>> ListAsync(string? who, string? target, long? before, int max) => database.Readers.ReadAsync<IReadOnlyList<AuditRecord>>(reader =>
    [
        .. reader.Connection.Query<Row>(
            // Only what was asked for stands in it: "@who IS NULL OR" would keep every index out, and read all of the record.
            $"{Select} WHERE 1 = 1{(who is null ? "" : " AND who = @who")}{(target is null ? "" : $" AND {(who is null ? "" : "+")}target = @target")}{(before is null ? "" : " AND number < @before")} ORDER BY number DESC LIMIT @max",
            new { who, target, before, max }).Select(row => row.ToRecord()),
    ]);

    /// <summary>Everything, oldest first, a page at a time.</summary>
    public async IAsyncEnumerable<AuditRecord> ReadAllAsync()
    {
        long after = 0;
        while (true)
        {
            var from = after;
            var page = await database.Readers.ReadAsync(reader => Page(reader.Connection, from));
            foreach (var record in page) yield return record;
            if (page.Count == 0) yield break;
            after = page[^1].Number;
        }
    }

    /// <summary>
    /// Walks the chain and its checkpoints. Null when every record is as it was written and stands where it stood; else the first thing that is wrong. Records that were cut off behind the
    /// last checkpoint leave no trace here, nor does it show whether they were ever written so: <see cref="SignedUpToAsync"/> tells which those are. Compare <paramref name="key"/>'s newest checkpoint with the copy that was exported.
    /// </summary>
    /// <param name="key">The key that signed; null looks at the chain only.</param>
    public async Task<string?> VerifyAsync(ECDsa? key)
    {
        var checkpoints = (await database.Readers.ReadAsync(reader =>
            reader.Connection.Query<CheckpointRow>("SELECT number, hash, at, key_id AS KeyId, signature FROM audit_checkpoints ORDER BY number").Select(row => row.ToCheckpoint()).ToList())).ToDictionary(c => c.Number);
        var (number, previous, signed) = (0L, AuditRecord.Start, 0L);
        await foreach (var record in ReadAllAsync())
        {
            number++;
            if (record.Number != number) return $"Audit record {number} is missing: after {number - 1} comes {record.Number}.";
            if (record.Previous != previous) return $"Audit record {number} does not follow the one before it: it names {record.Previous}, that one's hash is {previous}.";
            if (record.ComputeHash() != record.Hash) return $"Audit record {number} was changed: its fields have the hash {record.ComputeHash()}, it says {record.Hash}.";
            if (checkpoints.Remove(number, out var checkpoint))
            {
                if (Problem(checkpoint, record, key) is { } problem) return problem;
                signed = number;
            }

            if (number - signed > LongestUnsigned)
                return $"Signatures are missing: no checkpoint signs any of the audit records {signed + 1} to {number}, and every {SignedEvery} records one is made. Checkpoints were removed, and the records may have been written anew.";
            previous = record.Hash;
        }

        return checkpoints.Count == 0 ? null : $"Audit records were cut off: checkpoint {checkpoints.Keys.Min()} signs a record that is not there; the last one is {number}.";
    }

    /// <summary>The newest record that a checkpoint signs, 0 when there is none. What comes after it is as good as the store's file is guarded.</summary>
    public Task<long> SignedUpToAsync() => database.Readers.ReadAsync(reader => reader.Connection.ExecuteScalar<long>("SELECT COALESCE(MAX(number), 0) FROM audit_checkpoints"));

    /// <summary>The public key's name in checkpoints.</summary>
    public static string KeyId(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    private static string? Problem(AuditCheckpoint checkpoint, AuditRecord record, ECDsa? key)
    {
        if (checkpoint.Hash != record.Hash) return $"Audit record {record.Number} is not the one that was signed: checkpoint {checkpoint.Number} names the hash {checkpoint.Hash}.";
        if (key is null) return null;
        if (checkpoint.KeyId != KeyId(key)) return $"Checkpoint {checkpoint.Number} was signed with another key ({checkpoint.KeyId[..16]}…) than the one that was given ({KeyId(key)[..16]}…).";
        return key.VerifyData(AuditCheckpoint.Text(checkpoint.Number, checkpoint.Hash, checkpoint.At), Decode(checkpoint.Signature), HashAlgorithmName.SHA256)
            ? null
            : $"The signature of checkpoint {checkpoint.Number} is wrong: it, or the record it signs, was changed.";
    }

    private static byte[] Decode(string signature)
    {
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length) ? bytes[..length] : [];
    }

    private static IReadOnlyList<AuditRecord> Page(SqliteConnection db, long after) =>
        [.. db.Query<Row>($"{Select} WHERE number > @after ORDER BY number LIMIT 5000", new { after }).Select(row => row.ToRecord())];

    private sealed record Row(long Number, long At, string Who, string Origin, string What, string Target, string Details, string Outcome, string Previous, string Hash)
    {
        public AuditRecord ToRecord() => new(Number, DateTimeOffset.FromUnixTimeMilliseconds(At), new AuditEntry(Who, Origin, What, Target, Details, Outcome), Previous, Hash);
    }

    private sealed record CheckpointRow(long Number, string Hash, long At, string KeyId, string Signature)
    {
        public AuditCheckpoint ToCheckpoint() => new(Number, Hash, DateTimeOffset.FromUnixTimeMilliseconds(At), KeyId, Signature);
    }
}
