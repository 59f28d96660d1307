namespace Soar.Tests.Connectors;

/// <summary>Real-world samples beside the repository. Tests that need them skip with a reason where they are absent.</summary>
internal static class Samples
{
    private static string? Folder => Soar.Testing.SharedSamples.Folder;

    public static string Path(string relative)
    {
        Assert.SkipWhen(Folder is null, Soar.Testing.SharedSamples.Absent);
        return System.IO.Path.Combine(Folder!, relative);
    }

    public static byte[] Bytes(string relative) => File.ReadAllBytes(Path(relative));

    public static string Text(string relative) => File.ReadAllText(Path(relative));

    /// <summary>Paths relative to the folder, sorted; empty where the data is absent.</summary>
    public static IEnumerable<string> Files(string folder, string pattern = "*") => Folder is null || !Directory.Exists(System.IO.Path.Combine(Folder, folder))
        ? []
        : Directory.EnumerateFiles(System.IO.Path.Combine(Folder, folder), pattern).Where(file => !file.EndsWith("MANIFEST.tsv", StringComparison.Ordinal))
            .Select(file => folder + "/" + System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public static IEnumerable<string> Mails => Files("eml").Concat(Files("eml-spamassassin")).Concat(Files("dmarc-arf", "*.eml"));
}
