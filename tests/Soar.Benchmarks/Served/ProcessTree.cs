using System.Globalization;

namespace Soar.Benchmarks.Served;

/// <summary>The server's process and all that it has started, as the kernel counts them.</summary>
internal sealed class ProcessTree(int root)
{
    private const double Tick = 0.01; // USER_HZ

    /// <summary>Seconds of processor time so far: of the server, and of its children.</summary>
    public (double Server, double Children) Cpu() => (CpuOf(root), Children().Sum(CpuOf));

    /// <summary>
    /// Bytes in memory: of the server, and of its children. Resident counts what they share (the runtime's code) in each of them; proportional counts it once, divided among those that share it.
    /// </summary>
    public (long Resident, long Proportional, long ResidentChildren, long ProportionalChildren, int Processes) Memory()
    {
        var children = Children();
        return (Field(root, "Rss:"), Field(root, "Pss:"), children.Sum(id => Field(id, "Rss:")), children.Sum(id => Field(id, "Pss:")), children.Count + 1);
    }

    /// <summary>Resident bytes, of the server and of its children: cheap enough to be looked at all the time.</summary>
    public (long Server, long Children) Resident() => (ResidentOf(root), Children().Sum(ResidentOf));

    private static long ResidentOf(int id)
    {
        try
        {
            return long.Parse(File.ReadAllText($"/proc/{id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private List<int> Children()
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), out var id) && Stat(id) is { } stat) parents[id] = int.Parse(stat[1], CultureInfo.InvariantCulture);
        bool Ours(int id) => parents.TryGetValue(id, out var parent) && (parent == root || Ours(parent));
        return [.. parents.Keys.Where(Ours)];
    }

    /// <summary>The fields after the name, which may hold blanks.</summary>
    private static string[]? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }

    private static double CpuOf(int id) => Stat(id) is { } stat ? (long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture)) * Tick : 0;

    private static long Field(int id, string name)
    {
        try
        {
            return long.Parse(File.ReadLines($"/proc/{id}/smaps_rollup").First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            return 0;
        }
    }
}
