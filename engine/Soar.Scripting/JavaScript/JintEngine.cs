using System.Text.RegularExpressions;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Parser;
using Jint.Runtime;

namespace Soar.Scripting.JavaScript;

/// <summary>
/// All use of Jint is in this file, so that an upgrade is this file. Jint 2 speaks ECMAScript 5; its own limits stop neither a
/// regular expression nor an allocation, so time and memory are limited from outside, by the worker's process.
/// </summary>
internal static class JintEngine
{
    private const int DeepestRecursion = 1_000;

    /// <summary>Runs a snippet with <c>input</c> in scope in an engine of its own; the last expression's value as JSON. Throws <see cref="JavaScriptFailure"/>.</summary>
    internal static string Run(string code, string inputJson)
    {
        var engine = new Engine(options => options.LimitRecursion(DeepestRecursion)); // no CLR access: that is Jint's default
        engine.SetValue("input", ParseInput(engine, inputJson));
        try
        {
            var value = engine.Execute(code).GetCompletionValue();
            var json = new JsonSerializer(engine).Serialize(value, JsValue.Undefined, JsValue.Undefined);
            return json.IsString()
                ? json.AsString()
                : throw new JavaScriptFailure(JavaScriptFailureKind.NoResult, null,
                    "The JavaScript gave no result: the value of its last expression is undefined or a function. End it with the value you want, for example 'result;'.");
        }
        catch (Exception problem) when (problem is InvalidCastException or NullReferenceException or InvalidOperationException or FormatException or OverflowException
            or IndexOutOfRangeException or NotSupportedException or NotImplementedException or RegexParseException)
        {
            // A defect of the engine that the snippet ran into; the snippet's run fails, the worker stays.
            throw new JavaScriptFailure(JavaScriptFailureKind.Thrown, null, $"The JavaScript failed inside its engine: {problem.Message} Write that part in another way.");
        }
        catch (ParserException problem)
        {
            throw new JavaScriptFailure(JavaScriptFailureKind.Syntax, problem.LineNumber,
                $"The JavaScript cannot be read, line {problem.LineNumber}, column {problem.Column}: {problem.Description}. Only ECMAScript 5 is understood (var, function; no let, const, =>).");
        }
        catch (JavaScriptException problem)
        {
            var line = problem.LineNumber > 0 ? problem.LineNumber : (int?)null;
            throw new JavaScriptFailure(JavaScriptFailureKind.Thrown, line, $"The JavaScript failed{(line is null ? "" : $" in line {line}")}: {Describe(problem.Error)}.");
        }
        catch (ArgumentException)
        {
            // Jint cannot build its own exception for a thrown object that has no message.
            throw new JavaScriptFailure(JavaScriptFailureKind.Thrown, null, "The JavaScript threw an object without a message. Throw new Error('what is wrong'), then the line is known too.");
        }
        catch (RecursionDepthOverflowException)
        {
            throw new JavaScriptFailure(JavaScriptFailureKind.Thrown, null, $"The JavaScript calls itself more than {DeepestRecursion} times deep. Write it as a loop.");
        }
    }

    private static JsValue ParseInput(Engine engine, string inputJson)
    {
        try
        {
            return new JsonParser(engine).Parse(inputJson);
        }
        catch (Exception problem) when (problem is JavaScriptException or ParserException)
        {
            throw new JavaScriptFailure(JavaScriptFailureKind.Syntax, null, $"The input of the JavaScript is not JSON: {problem.Message}.");
        }
    }

    /// <summary>Anything can be thrown: an error, a text, an object.</summary>
    private static string Describe(JsValue thrown)
    {
        if (!thrown.IsObject())
            return thrown.ToString();
        var name = Text("name");
        var message = Text("message");
        return (name, message) switch
        {
            (_, "") => $"{name} (a value that is used there is undefined, null or of another type)",
            ("", _) => message,
            _ => $"{name}: {message}",
        };

        string Text(string property)
        {
            var value = thrown.AsObject().Get(property);
            return value.IsString() ? value.AsString() : "";
        }
    }
}
