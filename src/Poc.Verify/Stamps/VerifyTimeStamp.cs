using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Poc.Kernel.Stamps;

namespace Poc.Verify.Stamps;

/// <summary><c>poc-verify timestamp</c>: that a time-stamp (RFC 3161) is over a file, by an authority whose certificate leads to a trusted one.</summary>
internal static class VerifyTimeStamp
{
    private const int MaxToken = 1_000_000;
    private const int MaxData = 256 * 1024 * 1024;

    public static async Task RunAsync(
        string token, string data, IReadOnlyList<string> trusted, IReadOnlyList<string> helping, Report report, CancellationToken cancellation)
    {
        var stamp = Check(
            await Input.ReadAsync(token, MaxToken, cancellation), await Input.ReadAsync(data, MaxData, cancellation),
            await CertificatesAsync(trusted, cancellation), await CertificatesAsync(helping, cancellation), token);
        report.Checked($"{data} existed on {When(stamp)}, says {stamp.Signer}; whether its certificate was revoked is not known here");
    }

    /// <summary>A stamp that holds.</summary>
    /// <exception cref="RefusedException">It does not.</exception>
    public static TimeStamp Check(byte[] token, byte[] data, IReadOnlyList<X509Certificate2> trusted, IReadOnlyList<X509Certificate2> helping, string subject)
    {
        try
        {
            return TimeStamp.Verify(token, data, trusted, helping);
        }
        catch (StampException problem)
        {
            var reason = problem.Problem switch
            {
                StampProblem.NotGranted => Reason.TimestampNotGranted,
                StampProblem.ImprintMismatch => Reason.TimestampImprintMismatch,
                StampProblem.AlgorithmUnknown => Reason.AlgorithmUnknown,
                StampProblem.SignatureWrong => Reason.SignatureWrong,
                StampProblem.CertificateUntrusted => Reason.TimestampUntrusted,
                _ => Reason.Malformed,
            };
            throw new RefusedException(reason, subject, problem.Message);
        }
    }

    /// <summary>The time of a stamp, for people.</summary>
    public static string When(TimeStamp stamp) => stamp.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static async Task<IReadOnlyList<X509Certificate2>> CertificatesAsync(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var certificates = new X509Certificate2Collection();
        foreach (var file in files)
        {
            var pem = System.Text.Encoding.ASCII.GetString(await Input.ReadAsync(file, MaxToken, cancellation));
            var known = certificates.Count;
            try
            {
                certificates.ImportFromPem(pem);
            }
            catch (CryptographicException problem)
            {
                throw new RefusedException(Reason.KeyMalformed, file, problem.Message);
            }

            if (certificates.Count == known)
            {
                throw new RefusedException(Reason.KeyMalformed, file, "it has no certificate in PEM");
            }
        }

        return [.. certificates];
    }
}
