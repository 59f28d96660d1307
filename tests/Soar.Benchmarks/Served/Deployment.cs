using Microsoft.Data.Sqlite;

namespace Soar.Benchmarks.Served;

/// <summary>A deployment of its own in a new folder on the machine's disk: settings, playbooks, store, cache. Its one connector is simulated and does nothing; all else is as in production.</summary>
internal sealed class Deployment : IDisposable
{
    private const string Settings = """
        approvals: []
        roles: { shift-lead: [bench] }
        connectors:
          registry: { type: rdap, simulated: true }

        """;

    /// <param name="playbooks">By name: what follows after the head.</param>
    public Deployment(params (string Name, string Body)[] playbooks)
    {
        Folder = Directory.CreateTempSubdirectory("soar-bench-").FullName;
        File.WriteAllText(Path.Combine(Folder, "soar.yaml"), Settings);
        foreach (var (name, body) in playbooks)
            File.WriteAllText(Path.Combine(Folder, $"{name}.csx"), $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Clear, summary: \"Benchmark.\");\n{body}\n");
    }

    public string Folder { get; }
    public string Store => Path.Combine(Folder, ".soar");
    public string Database => Path.Combine(Store, "soar.db");
    public string Cache => Path.Combine(Folder, "cache");

    /// <summary>One number out of the store, read beside its owner.</summary>
    public long Count(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
