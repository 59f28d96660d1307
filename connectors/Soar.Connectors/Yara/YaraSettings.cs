namespace Soar.Connectors.Yara;

/// <summary>YARA's command line with a folder of rules.</summary>
public sealed record YaraSettings : IValidatedSettings
{
    [Setting("Folder with the rules: every .yar and .yara file in it and below, read at each scan. Relative to the settings file.")]
    public string Rules { get; init; } = "";

    [Setting("How yara is started, word by word. Default: [yara].")]
    public IReadOnlyList<string> Command { get; init; } = ["yara"];

    [Setting("Largest artifact in bytes; it is written to a temporary file of Soar's own. Default: 104857600 (100 MiB).")]
    public long MaxBytes { get; init; } = 100 * 1024 * 1024;

    [Setting("Time for one scan. Default: 1m.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    public IEnumerable<string> Problems()
    {
        if (Rules.Length == 0)
            yield return "rules: is missing; write the folder that holds the rules";
        if (Command.Count == 0 || Command.Any(string.IsNullOrWhiteSpace))
            yield return "command: has no words; write [yara]";
        if (MaxBytes < 1)
            yield return "maxBytes: must be at least 1";
        if (Timeout < TimeSpan.FromSeconds(1))
            yield return "timeout: must be at least 1s";
    }
}
