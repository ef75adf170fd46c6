using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.Intake.V1;

namespace Poc.Intake.Tests.Attachments;

/// <summary>Sends files as a partner's client does.</summary>
internal static class Upload
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Bytes that compress badly and look like a PDF.</summary>
    public static byte[] Pdf(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        "%PDF-1.7\n"u8.CopyTo(bytes);
        return bytes;
    }

    public static StartAttachmentRequest Announcement(byte[] bytes) => new()
    {
        RequestId = Filings.NewId(),
        Attachment = new Attachment { FileName = "приговор.pdf", MediaType = "application/pdf", SizeBytes = bytes.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) },
    };

    public static async Task<Attachment> StartAsync(this TestPartner partner, byte[] bytes) =>
        (await partner.Server.Attachments.StartAttachmentAsync(Announcement(bytes), partner.Headers, cancellationToken: Ended)).Attachment;

    /// <summary>Sends what lies from <paramref name="offset"/> on, in messages of the given size.</summary>
    public static async Task<Attachment> SendAsync(this TestPartner partner, string name, byte[] bytes, long offset, int message = 100_000)
    {
        using var call = partner.Server.Attachments.UploadAttachment(partner.Headers, cancellationToken: Ended);
        try
        {
            await call.RequestStream.WriteAsync(new UploadAttachmentRequest { Name = name, Offset = offset }, Ended);
            foreach (var part in bytes[(int)offset..].Chunk(message))
            {
                await call.RequestStream.WriteAsync(new UploadAttachmentRequest { Data = ByteString.CopyFrom(part) }, Ended);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception early) when (early is RpcException or InvalidOperationException)
        {
            // The call has ended already: its answer says why.
        }

        return (await call).Attachment;
    }

    public static async Task<Attachment> FinishAsync(this TestPartner partner, string name) =>
        (await partner.Server.Attachments.FinishAttachmentAsync(new FinishAttachmentRequest { Name = name }, partner.Headers, cancellationToken: Ended)).Attachment;

    public static async Task<Attachment> FindAsync(this TestPartner partner, string name) =>
        (await partner.Server.Attachments.GetAttachmentAsync(new GetAttachmentRequest { Name = name }, partner.Headers, cancellationToken: Ended)).Attachment;

    /// <summary>A complete attachment.</summary>
    public static async Task<Attachment> AttachAsync(this TestPartner partner, byte[] bytes)
    {
        var name = (await partner.StartAsync(bytes)).Name;
        await partner.SendAsync(name, bytes, 0);
        return await partner.FinishAsync(name);
    }
}
