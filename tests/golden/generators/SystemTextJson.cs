// System.Text.Json over every body: style <TAB> body <TAB> base64 of the bytes.
using System;
using System.IO;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;

static class Golden
{
    static void Show(string name, string path, JsonSerializerOptions options)
    {
        var value = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(path));
        var written = JsonSerializer.SerializeToUtf8Bytes(value, options);
        Console.WriteLine(string.Join("\t", name, Path.GetFileName(path), Convert.ToBase64String(written)));
    }

    static void Main(string[] args)
    {
        var relaxed = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        foreach (var path in Directory.GetFiles(args[0], "*.json").OrderBy(path => path, StringComparer.Ordinal))
        {
            Show("system-text-json", path, new JsonSerializerOptions());
            Show("system-text-json-indented", path, new JsonSerializerOptions { WriteIndented = true });
            Show("system-text-json-relaxed", path, new JsonSerializerOptions { Encoder = relaxed });
            Show("system-text-json-relaxed-indented", path, new JsonSerializerOptions { Encoder = relaxed, WriteIndented = true });
        }
    }
}
