using System.Security.Cryptography;
using System.Text;

namespace Poc.Verify.Tests.Bags;

/// <summary>Bags written by hand from RFC 8493: what is one, and what is none.</summary>
public sealed class BagConformanceTests : Scratch
{
    private static readonly byte[] _content = "content"u8.ToArray();
    private static readonly string _digest = Convert.ToHexStringLower(SHA256.HashData(_content));

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    public async Task Lines_end_in_any_of_three_ways(string end)
    {
        Bag($"BagIt-Version: 1.0{end}Tag-File-Character-Encoding: UTF-8{end}", $"{_digest}  data/a{end}{_digest}  data/b{end}", "data/a", "data/b");
        Write("bag-info.txt", $"Contact-Name: one{end}  and more{end}Payload-Oxum: 14.2{end}");
        Assert.Equal([], (await VerifyAsync()).Reasons);
    }

    [Fact]
    public async Task Lines_of_one_file_may_end_differently_and_the_last_not_at_all()
    {
        Bag("BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8", $"{_digest}  data/a\r\n{_digest}  data/b\n{_digest}\tdata/c\r{_digest} *data/d", "data/a", "data/b", "data/c", "data/d");
        Assert.Equal([], (await VerifyAsync()).Reasons);
    }

    // How a path is written, and the file it means.
    [Theory]
    [InlineData("data/with blanks  inside", "data/with blanks  inside")]
    [InlineData("data/blank at the end ", "data/blank at the end ")]
    [InlineData("./data/dotted", "data/dotted")]
    [InlineData("data/line%0Aend", "data/line\nend")]
    [InlineData("data/line%0aend", "data/line\nend")]
    [InlineData("data/line%0D%0Aend", "data/line\r\nend")]
    [InlineData("data/100%25", "data/100%")]
    [InlineData("data/%250A", "data/%0A")]
    [InlineData("data/%2e%2e", "data/%2e%2e")] // other escapes stand for themselves, and lead nowhere
    [InlineData("data/%2fetc", "data/%2fetc")]
    [InlineData("data/.hidden", "data/.hidden")]
    [InlineData("data/..two", "data/..two")]
    [InlineData("data/data/manifest-sha256.txt", "data/data/manifest-sha256.txt")]
    [InlineData("data/Ⅷ–слово–字", "data/Ⅷ–слово–字")]
    public async Task Paths_mean_files(string written, string file)
    {
        Bag(manifest: $"{_digest}  {written}\n", files: [file]);
        Assert.Equal([], (await VerifyAsync()).Reasons);
    }

    [Theory]
    [InlineData("data/../a")]
    [InlineData("data/b/../../../a")]
    [InlineData("data/..")]
    [InlineData("./../a")]
    [InlineData("././data/a")]
    [InlineData("/data/a")]
    [InlineData("//server/share")]
    [InlineData("data//a")]
    [InlineData("data/./a")]
    [InlineData("data/")]
    [InlineData("~/data/a")]
    [InlineData("~root/a")]
    [InlineData("..\\data\\a")]
    [InlineData("data\\..\\..\\a")]
    [InlineData("C:\\data\\a")]
    [InlineData("data/%0A/../../a")]
    [InlineData("bag-info.txt")]
    [InlineData("DATA/a")]
    public async Task Paths_that_leave_the_payload_are_refused(string written)
    {
        Bag(manifest: $"{_digest}  data/a\n{_digest}  {written}\n", files: ["data/a"]);
        Assert.Contains("path_unsafe", (await VerifyAsync()).Reasons);
    }

    [Fact]
    public async Task An_empty_payload_is_one_and_no_folder_for_it_is_none()
    {
        Bag(manifest: "");
        Directory.CreateDirectory(PathOf("data"));
        Assert.Equal([], (await VerifyAsync()).Reasons);
        Directory.Delete(PathOf("data"));
        Assert.Equal(["file_missing"], (await VerifyAsync()).Reasons);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_a_utf8_tag_file()
    {
        Bag("\ufeffBagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", $"{_digest}  data/a\n", "data/a");
        Assert.Equal(["malformed"], (await VerifyAsync()).Reasons);
        Bag(manifest: $"\ufeff{_digest}  data/a\n", files: ["data/a"]);
        Assert.Contains("malformed", (await VerifyAsync()).Reasons);
    }

    [Fact]
    public async Task One_file_is_listed_once_however_it_is_written()
    {
        Bag(manifest: $"{_digest}  data/a\n{_digest}  ./data/a\n", files: ["data/a"]);
        Assert.Equal(["manifest_inconsistent"], (await VerifyAsync()).Reasons);
    }

    [Fact]
    public async Task Names_that_differ_in_case_or_normalisation_are_different_files()
    {
        Bag(manifest: $"{_digest}  data/\u00e9\n{_digest}  data/e\u0301\n{_digest}  data/A\n{_digest}  data/a\n", files: ["data/\u00e9", "data/e\u0301", "data/A", "data/a"]);
        Assert.Equal([], (await VerifyAsync()).Reasons);
        Bag(manifest: $"{_digest}  data/\u00e9\n", files: ["data/e\u0301"]);
        Assert.Equal(["file_missing", "file_unexpected"], (await VerifyAsync()).Reasons.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_tag_manifest_lists_every_payload_manifest_and_no_tag_manifest()
    {
        Bag(manifest: $"{_digest}  data/a\n", files: ["data/a"]);
        Write("manifest-sha512.txt", $"{Convert.ToHexStringLower(SHA512.HashData(_content))}  data/a\n");
        Tags("bagit.txt", "manifest-sha256.txt", "manifest-sha512.txt");
        Assert.Equal([], (await VerifyAsync()).Reasons);

        Tags("bagit.txt", "manifest-sha256.txt");
        Assert.Equal(["manifest_inconsistent"], (await VerifyAsync()).Reasons);

        Tags("bagit.txt", "manifest-sha256.txt", "manifest-sha512.txt");
        Write("tagmanifest-sha512.txt", string.Concat(((string[])["manifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha256.txt"]).Select(
            name => $"{Convert.ToHexStringLower(SHA512.HashData(File.ReadAllBytes(PathOf(name))))}  {name}\n")));
        Assert.Equal(["manifest_inconsistent"], (await VerifyAsync()).Reasons);

        // Before 1.0 that was advice.
        File.Delete(PathOf("tagmanifest-sha512.txt"));
        Write("bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n");
        Tags("bagit.txt", "manifest-sha256.txt");
        Assert.Equal([], (await VerifyAsync()).Reasons);
    }

    [Theory]
    [InlineData("bagit.txt", "digest_mismatch")]
    [InlineData("bag-info.txt", "digest_mismatch")]
    [InlineData("gone.txt", "file_missing")]
    [InlineData("data/a", "path_unsafe")]
    public async Task Tag_files_that_are_listed_are_checked(string listed, string reason)
    {
        Bag(manifest: $"{_digest}  data/a\n", files: ["data/a"]);
        Write("bag-info.txt", "Contact-Name: somebody\n");
        Tags("manifest-sha256.txt");
        Write("tagmanifest-sha256.txt", File.ReadAllText(PathOf("tagmanifest-sha256.txt")) + $"{Convert.ToHexStringLower(SHA256.HashData("other"u8))}  {listed}\n");
        Assert.Equal([reason], (await VerifyAsync()).Reasons);
    }

    // The second payload manifest lists data/a alone.
    [Theory]
    [InlineData("https://example.org/a 7 data/a\n", null)]
    [InlineData("https://example.org/a - data/a\r\n\r\n", null)]
    [InlineData("https://example.org/a\t7\tdata/a\n", null)]
    [InlineData("https://example.org/b 7 data/b\n", "manifest_inconsistent")]
    [InlineData("https://example.org/x 7 data/x\n", "manifest_inconsistent")]
    [InlineData("https://example.org/t 7 bagit.txt\n", "path_unsafe")]
    [InlineData("https://example.org/o 7 data/../../outside\n", "path_unsafe")]
    [InlineData("https://example.org/o 7 /etc/hostname\n", "path_unsafe")]
    [InlineData("https://example.org/a seven data/a\n", "malformed")]
    [InlineData("https://example.org/a -7 data/a\n", "malformed")]
    [InlineData("data/a\n", "malformed")]
    public async Task Nothing_is_fetched_and_what_could_be_is_checked(string fetch, string? reason)
    {
        Bag(manifest: $"{_digest}  data/a\n{_digest}  data/b\n", files: ["data/a"]);
        Write("manifest-sha512.txt", $"{Convert.ToHexStringLower(SHA512.HashData(_content))}  data/a\n");
        Write("fetch.txt", fetch);
        var reasons = (await VerifyAsync()).Reasons;

        // data/b is nowhere, whatever fetch.txt promises.
        Assert.Equal((string[])["file_missing", .. reason is null ? (string[])[] : [reason]], reasons.Order(StringComparer.Ordinal));
    }

    private void Bag(string declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", string manifest = "", params string[] files)
    {
        Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
        Write("bagit.txt", declaration);
        Write("manifest-sha256.txt", manifest);
        foreach (var file in files)
        {
            Write(file, _content);
        }
    }

    private void Tags(params string[] names) => Write(
        "tagmanifest-sha256.txt", string.Concat(names.Select(name => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PathOf(name))))}  {name}\n")));

    private Task<Answer> VerifyAsync() => RunAsync("bag", Folder);
}
