using System.Collections;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Soar.Testing.Child;

/// <summary>What must work, or end in a certain way, inside the jail. The argument after the name is the test's.</summary>
internal static class Works
{
    internal static IReadOnlyDictionary<string, Func<IReadOnlyList<string>, string>> All { get; } = new Dictionary<string, Func<IReadOnlyList<string>, string>>
    {
        ["jit"] = _ => CompileAndCall(),
        ["regex"] = _ => Regex.Replace("a1b22", "[0-9]+", "#", RegexOptions.Compiled, TimeSpan.FromSeconds(1)),
        ["json"] = _ => JsonSerializer.Serialize(JsonSerializer.Deserialize<Dictionary<string, int[]>>("""{"a":[1,2]}""")),
        ["threads"] = _ => Enumerable.Range(0, 8).AsParallel().WithDegreeOfParallelism(8).Sum(number => Task.Run(() => number).Result).ToString(),
        ["time zone"] = _ => TimeZoneInfo.FindSystemTimeZoneById("Europe/Belgrade").BaseUtcOffset.ToString(),
        ["garbage collection"] = _ => CollectGarbage(),
        ["load an assembly"] = arguments => LoadAndUnload(arguments[1]),
        ["environment"] = _ => string.Join('\n', Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")),
        ["heap bomb"] = _ => HeapBomb(),
        ["native bomb"] = _ => NativeBomb(),
        ["thread bomb"] = _ => ThreadBomb(),
        ["stack overflow"] = _ => Overflow(1).ToString(),
        ["endless loop"] = _ => EndlessLoop(),
        ["chatter"] = _ => Chatter(),
        ["unhandled"] = _ => throw new InvalidOperationException("no one caught this"),
        ["thirty-two bit call"] = _ => ThirtyTwoBitCall(),
    };

    private static string CompileAndCall()
    {
        var number = Expression.Parameter(typeof(int));
        return Expression.Lambda<Func<int, int>>(Expression.Add(number, Expression.Constant(1)), number).Compile()(41).ToString();
    }

    private static string CollectGarbage()
    {
        for (var i = 0; i < 100_000; i++)
            _ = new byte[1000];
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        return (GC.CollectionCount(2) > 0).ToString();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string LoadAndUnload(string path)
    {
        var context = new AssemblyLoadContext("playbook", isCollectible: true);
        var name = context.LoadFromAssemblyPath(path).GetTypes().Length > 0 ? "loaded" : "empty";
        context.Unload();
        return name;
    }

    private static string HeapBomb()
    {
        var kept = new List<byte[]>();
        while (true)
        {
            var block = new byte[1 << 20];
            block.AsSpan().Fill(1);
            kept.Add(block);
        }
    }

    private static unsafe string NativeBomb()
    {
        for (long total = 0; ; total += 64 << 20)
        {
            var block = Kernel.Call(9, 0, 64 << 20, 3, 0x22 /* private, anonymous */, -1, 0);
            if (block < 0)
                return "refused";
            new Span<byte>((void*)block, 1 << 20).Fill(1);
        }
    }

    private static string ThreadBomb()
    {
        var never = new ManualResetEventSlim();
        for (var count = 1; ; count++)
            new Thread(() => never.Wait()) { IsBackground = true }.Start();
    }

    private static int Overflow(int depth) => depth == int.MinValue ? 0 : Overflow(depth + 1) + 1;

    private static string EndlessLoop()
    {
        while (true)
        {
        }
    }

    private static string Chatter()
    {
        for (var i = 1; i <= 20_000; i++)
            Console.Error.WriteLine($"line {i}");
        Console.Error.WriteLine("soar-jail 0 0 0 0 0 0 0 0 0 0");
        return "";
    }

    /// <summary>getpid through the 32-bit gate, whose numbers mean other calls: from a page of machine code.</summary>
    private static unsafe string ThirtyTwoBitCall()
    {
        var code = (byte*)Kernel.Must(Kernel.Call(9, 0, 4096, 7, 0x22, -1, 0));
        ReadOnlySpan<byte> machine = [0x53, 0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0x5B, 0xC3]; // push rbx; mov eax, 20; int 0x80; pop rbx; ret
        machine.CopyTo(new Span<byte>(code, machine.Length));
        return ((delegate* unmanaged<int>)code)().ToString();
    }
}
