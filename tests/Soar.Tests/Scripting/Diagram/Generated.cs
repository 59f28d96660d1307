using System.Text;
using Soar.Scripting;

namespace Soar.Tests.Scripting.Diagrams;

/// <summary>Legal nestings of everything the language has, from a seed.</summary>
internal sealed class Generated(int seed)
{
    private static readonly string[] Titles = ["Who owns it?", "Кто это?", "Блокувати", "Block <it> & \"more\"", "日本の攻撃", "]]> --> %% end"];
    private readonly Random random = new(seed);
    private readonly StringBuilder text = new();
    private readonly List<string> functions = [];
    private int names;

    public static string LongPlaybook(int steps)
    {
        var lines = new StringBuilder("Playbook(\"long\", version: \"1\");\n");
        for (var i = 0; i < steps; i++)
        {
            if (i % 10 == 0) lines.Append("// Part ").Append(i / 10).Append('\n');
            lines.Append("await Dns.Resolve(\"host-").Append(i).Append(".example\");\n");
        }
        return lines.ToString();
    }

    public string Playbook()
    {
        text.Append("Playbook(\"generated-").Append(seed).Append("\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"<&>\");\n");
        var count = random.Next(3);
        for (var i = 0; i < count; i++) functions.Add($"Part{i}");
        Statements(0, inLoop: false, inLambda: false);
        text.Append("return Outcome.Completed();\n");
        foreach (var function in functions.ToList())
        {
            text.Append("async Task ").Append(function).Append("(string x)\n{\n");
            Statements(2, inLoop: false, inLambda: true);
            text.Append("}\n");
        }
        return text.ToString();
    }

    private void Statements(int depth, bool inLoop, bool inLambda)
    {
        var count = random.Next(1, 5);
        for (var i = 0; i < count; i++) Statement(depth, inLoop, inLambda);
    }

    private void Statement(int depth, bool inLoop, bool inLambda)
    {
        var indent = new string(' ', depth * 4);
        if (random.Next(3) == 0) text.Append(indent).Append("// ").Append(Titles[random.Next(Titles.Length)]).Append(' ').Append(names++).Append('\n');
        text.Append(indent);
        var n = names++;
        var kind = random.Next(depth > 4 ? 9 : 24);
        switch (kind)
        {
            case 0: text.Append("var v").Append(n).Append(" = ").Append(n).Append(";\n"); break;
            case 1: text.Append("await Note($\"{").Append(n).Append("} <b>\");\n"); break;
            case 2: text.Append("var v").Append(n).Append(" = await ").Append(Step()).Append(";\n"); break;
            case 3: text.Append("await Wait(").Append(n).Append(".Minutes);\n"); break;
            case 4: text.Append("var p").Append(n).Append(" = Firewall[\"e").Append(n).Append("\"].Block(a, ttl);\n").Append(indent).Append("await p").Append(n).Append(";\n"); break;
            case 5: text.Append("var q").Append(n).Append(" = Firewall.All.Select(f => f.Block(a, ttl)).ToList();\n").Append(indent).Append("await All(q").Append(n).Append(", parallel: 3);\n"); break;
            case 6: text.Append("x").Append(n).Append("++; hits.Add(await ").Append(Step()).Append(" + await ").Append(Step()).Append(");\n"); break;
            case 7: text.Append(functions.Count > 0 ? $"await {functions[random.Next(functions.Count)]}(\"{n}\");\n" : ";\n"); break;
            case 8: text.Append("var r").Append(n).Append(" = await Run<Outcome>(\"sub\", new { x = ").Append(n).Append(" });\n"); break;
            case 9 or 10:
                text.Append("if (").Append(Condition(n)).Append(")\n");
                Body(depth, inLoop, inLambda, mayEnd: true);
                if (random.Next(2) == 0)
                {
                    text.Append(indent).Append("else\n");
                    Body(depth, inLoop, inLambda, mayEnd: false);
                }
                break;
            case 11:
                text.Append("switch (kind").Append(n).Append(")\n").Append(indent).Append("{\n");
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    text.Append(indent).Append("case ").Append(i).Append(random.Next(3) == 0 ? " when a && b:\n" : ":\n");
                    Statements(depth + 1, inLoop, inLambda);
                    text.Append(indent).Append("break;\n");
                }
                if (random.Next(2) == 0) text.Append(indent).Append("default: break;\n");
                text.Append(indent).Append("}\n");
                break;
            case 12:
                text.Append("foreach (var item").Append(n).Append(" in items)\n");
                Body(depth, inLoop: true, inLambda, mayEnd: false);
                break;
            case 13:
                text.Append("for (var i").Append(n).Append(" = 0; i").Append(n).Append(" < 5; i").Append(n).Append("++)\n");
                Body(depth, inLoop: true, inLambda, mayEnd: false);
                break;
            case 14:
                text.Append("while (").Append(Condition(n)).Append(")\n");
                Body(depth, inLoop: true, inLambda, mayEnd: false);
                break;
            case 15:
                text.Append("do\n");
                Body(depth, inLoop: true, inLambda, mayEnd: false, braces: true);
                text.Append(indent).Append("while (").Append(Condition(n)).Append(");\n");
                break;
            case 16 or 17:
                text.Append("try\n");
                Body(depth, inLoop, inLambda, mayEnd: false, braces: true);
                var handlers = random.Next(3);
                for (var i = 0; i < handlers; i++)
                {
                    text.Append(indent).Append(i == 0 ? "catch (StepTimedOut late) when (late.Attempts > 1)\n" : "catch (StepFailed failed)\n");
                    Body(depth, inLoop, inLambda, mayEnd: true, braces: true);
                }
                if (handlers == 0 || random.Next(2) == 0)
                {
                    text.Append(indent).Append("finally\n");
                    Body(depth, inLoop: false, inLambda, mayEnd: false, braces: true);
                }
                break;
            case 18 or 19:
                text.Append("var l").Append(n).Append(" = await ").Append(random.Next(2) == 0 ? "ForEach" : "TryForEach").Append("(items, ");
                Lambda(depth, $"item{n}");
                text.Append(random.Next(2) == 0 ? ", parallel: 8);\n" : ");\n");
                break;
            case 20:
                text.Append("await ").Append(random.Next(3) switch { 0 => "All(", 1 => "Any(", _ => "AtLeast(1, " }).Append(Step()).Append(", ForEach(Intel.All, s => s.Lookup(x)), ");
                Lambda(depth, null);
                text.Append(");\n");
                break;
            case 21:
                text.Append("var s").Append(n).Append(" = kind switch { 1 => await ").Append(Step()).Append(", > 5 => \"v\", _ => throw new InvalidOperationException(\"no\") };\n");
                break;
            case 22:
                text.Append("var d").Append(n).Append(" = await Ask(\"lead\", $\"Really {x}?\", steps, within: 1.Hours);\n").Append(indent).Append("if (").Append(random.Next(3) switch
                {
                    0 => $"!d{n}.Approved",
                    1 => $"d{n}.Kind == DecisionKind.Expired",
                    _ => $"d{n}.Approved",
                }).Append(")\n");
                Body(depth, inLoop, inLambda, mayEnd: true);
                break;
            default:
                text.Append("await (a").Append(n).Append(" ? ").Append(Step()).Append(" : ").Append(Step()).Append(");\n");
                break;
        }
    }

    private void Body(int depth, bool inLoop, bool inLambda, bool mayEnd, bool braces = false)
    {
        var indent = new string(' ', depth * 4);
        if (!braces && random.Next(4) == 0)
        {
            text.Append(indent).Append("    await ").Append(Step()).Append(";\n");
            return;
        }
        text.Append(indent).Append("{\n");
        Statements(depth + 1, inLoop, inLambda);
        if (mayEnd && random.Next(2) == 0)
            text.Append(indent).Append("    ").Append(inLoop ? "continue;" : inLambda ? "return;" : random.Next(2) == 0 ? "return Outcome.Escalated(\"<x>\");" : "throw new InvalidOperationException(\"x\");").Append('\n');
        text.Append(indent).Append("}\n");
    }

    private void Lambda(int depth, string? parameter)
    {
        if (parameter is not null && random.Next(3) == 0)
        {
            text.Append(parameter).Append(" => ").Append(Step());
            return;
        }
        text.Append("async ").Append(parameter ?? "()").Append(" =>\n").Append(' ', depth * 4).Append("{\n");
        Statements(depth + 1, inLoop: false, inLambda: true);
        text.Append(' ', depth * 4).Append('}');
    }

    private string Step() => random.Next(6) switch
    {
        0 => "Isp.Owner(address)",
        1 => "Firewall[\"edge-1\"].Block(address, 24.Hours).Retry(3)",
        2 => "Mail.Send(to, \"s\", $\"b {x}\").Timeout(20.Seconds)",
        3 => "Siem.Search(\"<a&b>\")",
        4 => "Receive<string>(\"ack\", within: 3.Days)",
        _ => "Todo(\"who\", \"what\")",
    };

    private string Condition(int n) => random.Next(5) switch
    {
        0 => $"a{n} > {n}",
        1 => $"await {Step()} is {{ }} m{n}",
        2 => $"b{n} && await {Step()}",
        3 => $"b{n} || await {Step()}",
        _ => $"x{n} is string t{n}",
    };
}
