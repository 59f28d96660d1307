using Soar.Hosting;
using Soar.Language;

namespace Soar.Scripting.Host;

/// <summary>Something to do for a set of runs: a start, a delivery, an evaluation; a run alone means drop.</summary>
internal readonly record struct Work(RunId Run, RunStart? Start = null, Delivery? Delivery = null, Evaluation? Evaluation = null);

/// <summary>A header lambda to evaluate.</summary>
internal sealed record Evaluation(string Version, string AssemblyPath, string Lambda, LambdaSubject Subject, Action<byte[]?, SoarException?> Answer)
{
    public byte[] Evaluate(PlaybookLoader loader, Budgets budgets)
    {
        var account = new Meter.Account(budgets);
        var playbook = loader.Acquire(Version, AssemblyPath);
        try
        {
            Meter.BeginSlice(account);
            return playbook.Evaluate(Lambda, Subject);
        }
        catch (Exception error) when (error is not SoarException { Code: "SOAR2022" })
        {
            throw new SoarException("SOAR2020", $"The lambda {Lambda} of the playbook threw {error.GetType().Name}: {account.Stopped ?? error.Message} Correct it in the playbook's header.", error);
        }
        finally
        {
            Meter.EndSlice();
            loader.Release(playbook);
        }
    }
}
