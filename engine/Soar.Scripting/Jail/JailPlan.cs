using System.Globalization;

namespace Soar.Scripting.Jail;

/// <summary>What the parent tells the child about its jail, in one environment variable. Plain lines: parsing must cost the start nothing.</summary>
internal sealed record JailPlan(int Stage, int Parent, JailPolicy Policy, long AddressSpace, int CpuSeconds, int OpenFiles, JailLayers PretendMissing, IReadOnlyList<string> ReadOnlyPaths)
{
    internal const string Variable = "SOAR_JAIL";

    internal static JailPlan Of(JailOptions options, int parent) =>
        new(Stage: 1, parent, options.Policy, options.EffectiveAddressSpaceLimit, options.CpuSeconds ?? 0, options.MaxOpenFiles, options.PretendMissing, options.ReadOnlyPaths);

    internal string Write() =>
        string.Create(CultureInfo.InvariantCulture, $"{Stage}\n{Parent}\n{(int)Policy}\n{AddressSpace}\n{CpuSeconds}\n{OpenFiles}\n{(int)PretendMissing}\n{string.Join('\n', ReadOnlyPaths)}");

    internal static JailPlan Read(string text)
    {
        var lines = text.Split('\n');
        return new(Int(0), Int(1), (JailPolicy)Int(2), long.Parse(lines[3], CultureInfo.InvariantCulture), Int(4), Int(5), (JailLayers)Int(6), lines.Length == 8 && lines[7].Length == 0 ? [] : lines[7..]);

        int Int(int line) => int.Parse(lines[line], CultureInfo.InvariantCulture);
    }
}
