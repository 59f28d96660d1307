using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Scripting.JavaScript;
using Soar.Scripting.Jail;
using Soar.Server.Commands;
using Soar.Server.Display;

// Three verbs are children of our own: they shut themselves in before any foreign code runs.
var jailed = new Dictionary<string, JailBody>
{
    [HostProcess.Verb] = HostProcess.RunAsync,
    [CompileWorker.Verb] = CompileWorker.ServeAsync,
    [JavaScriptWorker.Verb] = JavaScriptWorker.Body,
};
if (JailEntry.Run(args, jailed) is { } code) return code;

var root = Root.Create();
Usage.Help(root);
var parsed = root.Parse(args);
// As long as steps in flight may take to be recorded and the audit to be signed; the library would end the process after two seconds.
parsed.InvocationConfiguration.ProcessTerminationTimeout = TimeSpan.FromSeconds(30);
return Usage.Problems(parsed) is { } problems ? Usage.Tell(new Terminal(), parsed, problems) : await parsed.InvokeAsync();
