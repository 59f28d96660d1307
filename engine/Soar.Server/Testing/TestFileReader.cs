using Soar.Capabilities;
using Soar.Server.Settings;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Testing;

/// <summary>Reads a <c>.tests.yaml</c> as a whole: one error lists everything that is wrong with it, each with its line.</summary>
internal sealed class TestFileReader
{
    private static readonly string[] Shared = ["alert", "now", "inputs", "instances", "lists", "steps", "people"];
    private readonly YamlFields fields;
    private readonly string path;

    private TestFileReader(string path)
    {
        this.path = path;
        fields = new YamlFields(Path.GetRelativePath(Environment.CurrentDirectory, path));
    }

    public static TestFile Read(string path)
    {
        var reader = new TestFileReader(path);
        var file = reader.ReadFile();
        return reader.fields.Problems.Count == 0
            ? file!
            : throw new SoarException("SOAR5010", $"The tests cannot be run:\n  {string.Join("\n  ", reader.fields.Problems)}");
    }

    /// <summary>The tests that belong to a playbook; null when it has none.</summary>
    public static string? Beside(string playbook)
    {
        var tests = Path.ChangeExtension(playbook, null) + ".tests.yaml";
        return File.Exists(tests) ? tests : null;
    }

    private TestFile? ReadFile()
    {
        var document = YamlText.Load(path, path, fields.Problems);
        if (fields.Problems.Count > 0) return null;
        if (document is null or YamlScalarNode { Value: null or "" })
        {
            fields.Problems.Add($"{fields.File}:1: the file is empty. Write 'tests:' with a list of tests, each with a 'name' and an 'expect'; engine/docs/playbook-tests.md shows one.");
            return null;
        }

        if (fields.Map(document, "the file", [.. Shared, "tests", "unreachable"]) is not { } root) return null;
        var common = Read(root, new PlaybookTest { Name = "", File = path, Line = 1 }, own: false);
        if (fields.Find(root, "tests") is not YamlSequenceNode { Children.Count: > 0 } list)
        {
            fields.Problem(root, "tests", "is missing: a list of tests, each with a 'name' and an 'expect'.");
            return null;
        }

        var tests = new List<PlaybookTest>();
        foreach (var node in list.Children)
        {
            if (fields.Map(node, "a test", [.. Shared, "name", "skip", "signals", "cancel", "expect"]) is not { } map) continue;
            var name = fields.Text(map, "name") ?? "";
            if (name.Length == 0) fields.Problem(map, "name", "is missing: say in a sentence what must be true.");
            else if (tests.Exists(t => t.Name == name)) fields.Problem(map, "name", $"'{name}' is the name of another test of this file.");
            var test = Read(map, common with { Name = name, Line = (int)map.Start.Line, Skip = fields.Text(map, "skip") }, own: true);
            tests.Add(test with
            {
                Signals = [.. fields.Items(map, "signals").SelectMany(Signals)],
                Cancel = fields.Find(map, "cancel") is { } cancel ? Cancel(cancel) : null,
                Expect = fields.Find(map, "expect") is { } expect ? new ExpectationReader(fields).Read(expect) : new Expectation(),
            });
            if (fields.Find(map, "expect") is null) fields.Problem(map, "expect", "is missing: a test that expects nothing cannot fail.");
        }

        var unreachable = fields.Named(root, "unreachable").Select(entry => new UnreachableBranch(entry.Key, fields.Text((YamlMappingNode)fields.Find(root, "unreachable")!, entry.Key) ?? "", entry.Line)).ToList();
        return new TestFile(path, path[..^".tests.yaml".Length] + ".csx", tests, common.Mocks, unreachable);
    }

    /// <summary>What a file and a test have in common; the test's own comes on top.</summary>
    private PlaybookTest Read(YamlMappingNode map, PlaybookTest under, bool own) => under with
    {
        Alert = fields.Find(map, "alert") ?? under.Alert,
        Now = fields.Time(map, "now") ?? under.Now,
        Inputs = Over(under.Inputs, fields.Named(map, "inputs"), node => node),
        Instances = Over(under.Instances, fields.Named(map, "instances"), node => fields.Texts(node, "instances")),
        Lists = Over(under.Lists, fields.Named(map, "lists"), List),
        Mocks = [.. under.Mocks.Select(m => m with { Own = false }), .. fields.Named(map, "steps").Select(entry => new StepMock(new StepPattern(entry.Key), [.. YamlFields.OneOrMany(entry.Value).Select(Mock)], entry.Line, own))],
        People = Over(under.People.ToDictionary(p => p.Key, p => p.Value with { Own = false }), fields.Named(map, "people"),
            (name, node) => new Person(name, [.. YamlFields.OneOrMany(node).Select(Answer)], (int)node.Start.Line, own)),
    };

    private MockAnswer Mock(YamlNode node)
    {
        var line = (int)node.Start.Line;
        if (fields.Map(node, "an answer", ["returns", "fails", "transient", "unknown", "times-out", "crash", "message", "retryAfter", "probe", "after"]) is not { } map) return new MockAnswer(MockKind.Returns, line);
        var returns = fields.Find(map, "returns");
        var crash = fields.Text(map, "crash");
        if (crash is not null and not "after-dispatch") fields.Problem(map, "crash", $"is '{crash}' but must be after-dispatch.");
        var said = new[] { "fails", "transient", "unknown", "times-out", "crash" }.Where(k => fields.Find(map, k) is not null).ToList();
        if (said.Count > 1 || (said.Count == 1 && said[0] is not ("crash" or "unknown") && returns is not null))
            fields.Problem(map, string.Join(" and ", returns is null ? said : [.. said, "returns"]), "cannot both be: write a list for one attempt after the other.");
        else if (said.Count == 0 && returns is null)
            fields.Problem(map, "an answer", "says nothing: write returns, fails, transient, unknown, times-out or crash.");
        var kind = said.FirstOrDefault() switch
        {
            "fails" => MockKind.Fails,
            "transient" => MockKind.Transient,
            "unknown" => MockKind.Unknown,
            "times-out" => MockKind.TimesOut,
            "crash" => MockKind.Crash,
            _ => MockKind.Returns,
        };
        var reason = said.Count == 0 || kind is MockKind.TimesOut or MockKind.Crash ? "" : fields.Text(map, said[0]) ?? "";
        return new MockAnswer(kind, line, returns, reason, fields.Text(map, "message"))
        {
            RetryAfter = fields.Duration(map, "retryAfter"),
            Probe = fields.Choice<ProbeAnswer>(map, "probe"),
            After = fields.Duration(map, "after") ?? TimeSpan.Zero,
        };
    }

    private PersonAnswer Answer(YamlNode node)
    {
        var line = (int)node.Start.Line;
        string[] kinds = ["approve", "refuse", "done", "not-done", "form", "silent"];
        if (fields.Map(node, "a person's answer", [.. kinds, "after", "by", "question"]) is not { } map) return new PersonAnswer(AnswerKind.Silent, "", null, TimeSpan.Zero, [], null, line);
        var said = kinds.Where(k => fields.Find(map, k) is not null).ToList();
        if (said.Count != 1) fields.Problem(map, "a person's answer", $"must be one of {string.Join(", ", kinds)}.");
        var kind = said.FirstOrDefault() switch
        {
            "refuse" => AnswerKind.Refuse,
            "done" => AnswerKind.Done,
            "not-done" => AnswerKind.NotDone,
            "form" => AnswerKind.Form,
            "silent" => AnswerKind.Silent,
            _ => AnswerKind.Approve,
        };
        var by = fields.Find(map, "by") is { } names ? fields.Texts(names, "by") : [];
        return new PersonAnswer(kind, said.Count == 1 && kind != AnswerKind.Form ? fields.Text(map, said[0]) ?? "" : "", fields.Find(map, "form"), fields.Duration(map, "after") ?? TimeSpan.Zero, by, fields.Text(map, "question"), line);
    }

    private IEnumerable<ScriptedSignal> Signals(YamlNode node)
    {
        if (fields.Map(node, "a signal", ["name", "after", "value", "id", "repeat", "first"]) is not { } map) yield break;
        var name = fields.Text(map, "name");
        if (name is null) fields.Problem(map, "name", "is missing: the signal's name.");
        var first = fields.Number(map, "first") ?? 1;
        var count = fields.Number(map, "repeat") ?? 1;
        var json = new YamlJson(fields.File);
        var value = fields.Find(map, "value") is { } given ? json.Read(given, null, "value") : null;
        for (var n = first; n < first + count && name is not null; n++)
        {
            var id = fields.Text(map, "id");
            yield return new ScriptedSignal(YamlFields.Fill(name, n), fields.Duration(map, "after") ?? TimeSpan.Zero, value?.GetRawText() ?? "null", id is null ? null : YamlFields.Fill(id, n), (int)map.Start.Line);
        }
    }

    private ScriptedCancel Cancel(YamlNode node) => fields.Map(node, "cancel", ["after", "by", "reason"]) is { } map
        ? new ScriptedCancel(fields.Duration(map, "after") ?? TimeSpan.Zero, fields.Text(map, "by") ?? "test", fields.Text(map, "reason") ?? "the test says so")
        : new ScriptedCancel(TimeSpan.Zero, "", "");

    /// <summary>A list's rows, or a generator of them.</summary>
    private ListContent List(YamlNode node)
    {
        var rows = new List<YamlMappingNode>();
        var numbers = new List<int>();
        if (node is YamlMappingNode generator)
        {
            fields.Map(generator, "a list", ["repeat", "first", "row", "columns"]);
            var first = fields.Number(generator, "first") ?? 1;
            var count = fields.Number(generator, "repeat") ?? 0;
            if (fields.Find(generator, "row") is YamlMappingNode row)
            {
                rows.AddRange(Enumerable.Repeat(row, count));
                numbers.AddRange(Enumerable.Range(first, count));
            }
            else if (fields.Find(generator, "columns") is null)
            {
                fields.Problem(generator, "row", "is missing: the columns of a row, with {n} for its number; an empty list has 'columns' instead.");
            }
        }
        else if (node is YamlSequenceNode sequence)
        {
            foreach (var child in sequence.Children)
            {
                if (child is YamlMappingNode row) rows.Add(row);
                else fields.Problem(child, "a row", "must be a mapping of columns and values.");
            }

            numbers.AddRange(Enumerable.Range(1, rows.Count));
        }
        else
        {
            fields.Problem(node, "a list", "must be rows, or { repeat: 700, row: { id: \"f{n}\" } }.");
        }

        var columns = rows.SelectMany(r => r.Children.Keys).Select(k => ((YamlScalarNode)k).Value!).Distinct(StringComparer.Ordinal).ToList();
        if (columns.Count == 0 && node is YamlMappingNode map && fields.Find(map, "columns") is { } told) columns = [.. fields.Texts(told, "columns")];
        var cells = rows.Zip(numbers, (row, n) => (IReadOnlyList<string>)[.. columns.Select(column => YamlFields.Fill(fields.Text(row, column) ?? "", n))]);
        return new ListContent(columns, [.. cells]);
    }

    private static Dictionary<string, T> Over<T>(IReadOnlyDictionary<string, T> under, IEnumerable<YamlFields.Entry> over, Func<YamlNode, T> read) => Over(under, over, (_, node) => read(node));

    private static Dictionary<string, T> Over<T>(IReadOnlyDictionary<string, T> under, IEnumerable<YamlFields.Entry> over, Func<string, YamlNode, T> read)
    {
        var merged = new Dictionary<string, T>(under, StringComparer.Ordinal);
        foreach (var entry in over) merged[entry.Key] = read(entry.Key, entry.Value);
        return merged;
    }
}
