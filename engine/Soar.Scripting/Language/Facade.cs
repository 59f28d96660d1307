using System.Buffers;
using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using Soar.Hosting;

namespace Soar.Language;

/// <summary>A capability as a playbook sees it. The generator derives one class per capability.</summary>
public abstract class Facade
{
    private readonly Script script;
    private readonly string capability;
    private readonly string? instance;
    private readonly bool builtIn;
    private IReadOnlyList<string>? known;

    /// <param name="instance">Null for the default instance.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected Facade(Script script, string capability, string? instance, bool builtIn)
    {
        this.script = script;
        this.capability = capability;
        this.instance = instance;
        this.builtIn = builtIn;
    }

    /// <summary>The connector instance's name; the default instance's where none was chosen, empty where the run has none.</summary>
    public string Name => instance ?? (builtIn ? "soar" : Instances is [var first, ..] ? first : "");

    [EditorBrowsable(EditorBrowsableState.Never)]
    protected Script Script => script;

    /// <summary>The names of all instances that this run knows, the default first.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected IReadOnlyList<string> Instances => known ??= script.InstancesOf(capability);

    [EditorBrowsable(EditorBrowsableState.Never)]
    protected Arguments Arguments() => new(script);

    [EditorBrowsable(EditorBrowsableState.Never)]
    protected Step<T> Call<T>(string action, string fallbackId, Arguments arguments, Site at) => arguments.Call<T>(action, Name, fallbackId, at, Missing());

    [EditorBrowsable(EditorBrowsableState.Never)]
    protected Step Call(string action, string fallbackId, Arguments arguments, Site at) => arguments.Call<Nothing>(action, Name, fallbackId, at, Missing());

    /// <summary>An instance that the run does not have fails the step by name: what a run may call was journaled when it started.</summary>
    private StepError? Missing()
    {
        if (builtIn) return null;
        if (instance is null)
            return Instances.Count > 0 ? null : new StepError("no-instance", $"There is no instance of {capability}. Add one to soar.yaml and start the run again.", 0);
        return Instances.Contains(instance)
            ? null
            : new StepError("no-instance", $"There is no instance '{instance}' of {capability} in this run. It has: {(Instances.Count == 0 ? "none" : string.Join(", ", Instances))}.", 0);
    }
}

/// <summary>Writes a call's arguments as canonical JSON: in declared order, without nulls; the facade leaves out declared defaults.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class Arguments
{
    private static readonly JsonWriterOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) spare;

    private readonly Script script;
    private readonly ArrayBufferWriter<byte> buffer;
    private readonly Utf8JsonWriter writer;

    internal Arguments(Script script)
    {
        this.script = script;
        (buffer, writer) = spare;
        spare = default;
        buffer ??= new ArrayBufferWriter<byte>(256);
        if (writer is null)
        {
            writer = new Utf8JsonWriter(buffer, Canonical);
        }
        else
        {
            buffer.ResetWrittenCount();
            writer.Reset();
        }

        writer.WriteStartObject();
    }

    public Arguments Add(string name, string? value)
    {
        if (value is not null) writer.WriteString(name, value);
        return this;
    }

    public Arguments Add(string name, Text value)
    {
        writer.WriteString(name, value.ToString());
        return this;
    }

    public Arguments Add(string name, int value)
    {
        writer.WriteNumber(name, value);
        return this;
    }

    public Arguments Add(string name, bool value)
    {
        writer.WriteBoolean(name, value);
        return this;
    }

    public Arguments Add<T>(string name, T value)
    {
        if (value is null) return this;
        writer.WritePropertyName(name);
        JsonSerializer.Serialize(writer, value, script.Json);
        return this;
    }

    internal Step<T> Call<T>(string action, string instance, string fallbackId, Site at, StepError? unusable = null)
    {
        writer.WriteEndObject();
        writer.Flush();
        var bytes = buffer.WrittenSpan.ToArray();
        spare = (buffer, writer);
        return new CallStep<T>(script, action, instance, fallbackId, bytes, at) { Unusable = unusable };
    }
}
