// A client's test against the box, with nothing but the JDK. The client is java.net.http.
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;

class ClientTest {
    static String ready;

    public static void main(String[] arguments) throws Exception {
        Path file = Files.createTempDirectory("osbiz").resolve("ready.json");
        Process box = new ProcessBuilder("osbiz", "run", "--ephemeral", "--trusted", "--no-booster",
            "--restart-time", "0", "--portal-port", "0", "--wsi-port", "0", "--wsi-http-port", "0",
            "--control-port", "0", "--ready-file", file.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            while (!Files.exists(file)) Thread.sleep(50);
            ready = Files.readString(file);

            HttpClient trusting = client(text(control("GET", "trust", null), "pem").replace("\\n", "\n"));
            check(logIn(trusting, text(ready, "wsi")).contains("<LOGIN><ID>"), "it logs in");

            String moved = control("PATCH", "box", "{\"lan_ip\": \"127.0.0.53\"}");
            try {
                logIn(trusting, text(moved, "wsi"));
                check(false, "it refuses the certificate that a change of address makes");
            } catch (SSLHandshakeException refused) {
                check(refused.getMessage().contains("unable to find valid certification path"), "it refuses");
            }
        } finally {
            box.destroy();
        }
    }

    static HttpClient client(String pem) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        var factory = CertificateFactory.getInstance("X.509");
        store.setCertificateEntry("box", factory.generateCertificate(new ByteArrayInputStream(pem.getBytes())));
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    static String logIn(HttpClient client, String wsi) throws Exception {
        var uri = URI.create(wsi + "/cgi-bin/gadgetapi?cmd=Login&gsUser=100&gsPass=100-1234");
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }

    static String control(String method, String path, String body) throws Exception {
        var publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        var request = HttpRequest.newBuilder(URI.create(text(ready, "control") + "/v1/" + path))
            .header("Authorization", "Bearer " + text(ready, "token")).method(method, publisher).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    // Enough of JSON for this: the first text member of that name.
    static String text(String json, String name) {
        var found = Pattern.compile("\"" + name + "\": \"([^\"]*)\"").matcher(json);
        if (!found.find()) throw new IllegalArgumentException("no " + name + " in " + json);
        return found.group(1);
    }

    static void check(boolean holds, String what) {
        System.out.println((holds ? "ok: " : "FAILED: ") + what);
        if (!holds) System.exit(1);
    }
}
