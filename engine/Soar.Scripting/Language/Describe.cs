using System.Diagnostics;
using System.Reflection;
using Soar.Hosting;

namespace Soar.Language;

/// <summary>Turns what left a playbook's body into a record for people: what, which step, which line.</summary>
internal static class Failures
{
    public static RunFailure Describe(Exception error, Assembly playbook)
    {
        var at = FirstPlaybookLine(error, playbook);
        var code = error switch
        {
            StepException step => step.Code,
            SoarException soar => soar.Code,
            OperationCanceledException => "cancelled",
            _ => error.GetType().Name,
        };
        return new RunFailure(code, error.Message, (error as StepException)?.Step, at?.File, at?.Line, error.StackTrace);
    }

    private static (string File, int Line)? FirstPlaybookLine(Exception error, Assembly playbook)
    {
        foreach (var frame in new StackTrace(error, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetFileName() is { } file && frame.GetFileLineNumber() > 0 && frame.GetMethod()?.Module.Assembly == playbook)
                return (file, frame.GetFileLineNumber());
        }

        return null;
    }
}
