using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Settings;

/// <summary>
/// Loads one YAML document that somebody wrote by hand. Whatever is in it, loading ends: aliases may repeat a value but not multiply it, nothing holds itself, nothing nests without end.
/// </summary>
internal static class YamlText
{
    private const int DeepestNesting = 100;
    private const int MostValues = 500_000;

    /// <summary>The document's root, or null where the file is empty or has a problem; problems are added with file and line.</summary>
    /// <param name="path">The file to read.</param>
    /// <param name="shown">The file's name in problems.</param>
    /// <param name="problems">What is wrong with it.</param>
    public static YamlNode? Load(string path, string shown, List<string> problems)
    {
        var stream = new YamlStream();
        try
        {
            using (var reader = new StreamReader(path)) Measure(new Parser(reader));
            using (var reader = new StreamReader(path)) stream.Load(reader);
        }
        catch (TooMuchYamlException error)
        {
            problems.Add($"{shown}:{error.Start.Line}: {error.Message}");
            return null;
        }
        catch (YamlException error)
        {
            problems.Add($"{shown}:{error.Start.Line}: this is not YAML: {error.InnerException?.Message ?? error.Message}");
            return null;
        }
        catch (InvalidOperationException) // the reader's own way to say that something is never closed
        {
            problems.Add($"{shown}: this is not YAML: a bracket, brace or quote is opened and never closed.");
            return null;
        }

        if (stream.Documents.Count == 0) return null;
        var root = stream.Documents[0].RootNode;
        var bad = BadNames(root, shown).ToList();
        problems.AddRange(bad);
        return bad.Count == 0 ? root : null;
    }

    /// <summary>Counts what the document would be with every alias written out, before anything is built of it.</summary>
    private static void Measure(Parser parser)
    {
        var sizes = new Dictionary<AnchorName, long>();
        var open = new Stack<(AnchorName Anchor, long Before)>();
        var (values, documents) = (0L, 0);
        while (parser.MoveNext())
        {
            var at = parser.Current!;
            if (at is DocumentStart && ++documents > 1)
                throw new TooMuchYamlException(at, "a second document ('---') begins here, and nothing would read it. Put everything into one.");
            if (at is MappingEnd or SequenceEnd)
            {
                var (anchor, before) = open.Pop();
                if (!anchor.IsEmpty) sizes[anchor] = values - before;
                continue;
            }

            values += at switch
            {
                AnchorAlias alias when open.Any(held => held.Anchor == alias.Value) => throw new TooMuchYamlException(at, $"'*{alias.Value}' stands inside what it names. Write the value out."),
                AnchorAlias alias => sizes.GetValueOrDefault(alias.Value, 1),
                NodeEvent => 1,
                _ => 0,
            };
            if (values > MostValues) throw new TooMuchYamlException(at, $"the file holds more than {MostValues:N0} values with its aliases written out. Repeat less.");
            if (at is MappingStart or SequenceStart) open.Push((((NodeEvent)at).Anchor, values - 1));
            if (open.Count > DeepestNesting) throw new TooMuchYamlException(at, $"more than {DeepestNesting} values lie in one another here. Look for a bracket too many.");
        }
    }

    /// <summary>Every name in the file must be a text: YAML allows lists and fields as names, nothing here does.</summary>
    private static IEnumerable<string> BadNames(YamlNode node, string path) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(entry => entry.Key is YamlScalarNode { Value.Length: > 0 }
            ? BadNames(entry.Value, path)
            : [$"{path}:{entry.Key.Start.Line}: a {(entry.Key is YamlScalarNode ? "name is empty" : entry.Key is YamlSequenceNode ? "list stands where a name is expected" : "set of fields stands where a name is expected")}"]),
        YamlSequenceNode list => list.Children.SelectMany(item => BadNames(item, path)),
        _ => [],
    };

    private sealed class TooMuchYamlException(ParsingEvent at, string message) : YamlException(at.Start, at.End, message);
}
