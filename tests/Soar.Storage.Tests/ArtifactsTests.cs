using System.Security.Cryptography;

namespace Soar.Storage.Tests;

/// <summary>Bytes kept once under their hash.</summary>
public sealed class ArtifactsTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly Artifacts artifacts;

    public ArtifactsTests() => artifacts = new Artifacts(Directory.CreateDirectory(Path.Combine(folder.Root, "artifacts")).FullName, Durability.Full);

    public void Dispose() => folder.Dispose();

    private Task<Artifact> PutAsync(string text) => artifacts.PutAsync(new MemoryStream(Some.Bytes(text)), "mail.eml", "message/rfc822", CancellationToken.None);

    private string[] Files => Directory.GetFiles(artifacts.Folder, "*", SearchOption.AllDirectories);

    [Fact]
    public async Task What_is_put_is_given_back_under_its_hash()
    {
        var artifact = await PutAsync("From: a@example.org");
        Assert.Equal(new Artifact(Convert.ToHexStringLower(SHA256.HashData(Some.Bytes("From: a@example.org"))), 19, "mail.eml", "message/rfc822"), artifact);
        using var reader = new StreamReader(artifacts.Open(artifact));
        Assert.Equal("From: a@example.org", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task The_same_bytes_are_kept_once_also_when_many_put_them_at_once()
    {
        var put = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => PutAsync("same"))));
        Assert.Single(put.Distinct());
        Assert.Single(Files);
        Assert.Equal(0, (await artifacts.PutAsync(Stream.Null, "empty", "text/plain", CancellationToken.None)).Size);
    }

    [Fact]
    public async Task Bytes_that_were_changed_are_not_opened_as_verified()
    {
        var artifact = await PutAsync("From: a@example.org");
        await File.WriteAllTextAsync(Files.Single(), "From: b@example.org");
        var error = Assert.Throws<SoarException>(() => artifacts.OpenVerified(artifact));
        Assert.Equal("SOAR3012", error.Code);
        Assert.Contains(artifact.Sha256, error.Message);
    }

    [Fact]
    public async Task A_source_that_breaks_off_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => artifacts.PutAsync(new Endless(1 << 20, breaksAt: 1 << 19), "x", "x", CancellationToken.None));
        Assert.Empty(Files);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => artifacts.PutAsync(new Endless(1 << 20), "x", "x", cancelled.Token));
        Assert.Empty(Files);
    }

    [Fact]
    public void What_is_not_stored_is_named_and_a_handle_that_is_no_hash_opens_no_path()
    {
        Assert.Throws<NotFoundException>(() => artifacts.Open(new Artifact(new string('a', 64), 1, "x", "x")));
        File.WriteAllText(Path.Combine(folder.Root, "secret"), "secret");
        foreach (var hash in new[] { "../secret", "", new string('A', 64), "aa/../../secret" + new string('a', 49) })
            Assert.Equal("SOAR3012", Assert.Throws<SoarException>(() => artifacts.Open(new Artifact(hash, 6, "x", "x"))).Code);
    }
}

/// <summary>Counts what the whole process allocates, so nothing runs beside it.</summary>
[Collection(Alone.Name)]
public sealed class ArtifactsMemoryTests
{
    [Fact]
    public async Task Sixty_four_megabytes_pass_through_with_little_memory()
    {
        using var folder = new TestFolder();
        var artifacts = new Artifacts(folder.Root, Durability.Full);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var artifact = await artifacts.PutAsync(new Endless(64 << 20), "dump", "application/octet-stream", CancellationToken.None);
        await using (var stream = artifacts.OpenVerified(artifact)) Assert.Equal(64 << 20, stream.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 4 << 20);
        Assert.Equal(64 << 20, artifact.Size);
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>Gives zeros, as many as asked for.</summary>
internal sealed class Endless(long length, long breaksAt = long.MaxValue) : Stream
{
    private long position;
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (position >= breaksAt) throw new InvalidOperationException("the source broke off");
        var read = (int)Math.Min(count, length - position);
        Array.Clear(buffer, offset, read);
        position += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
