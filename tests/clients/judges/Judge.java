// Java's HttpsURLConnection as client, asked one line at a time: see judge.py.
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Judge {
    static SSLContext trusting(String anchors) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = Files.newInputStream(Path.of(anchors))) {
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry("anchor-" + number++, one);
            }
        }
        TrustManagerFactory managers =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    static String ask(String host, String port, String anchors, String proxy) throws Exception {
        boolean byName = !host.matches("[0-9.]+");
        Proxy way = byName
            ? new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", Integer.parseInt(proxy)))
            : Proxy.NO_PROXY;
        HttpsURLConnection connection =
            (HttpsURLConnection) new URL("https://" + host + ":" + port + "/").openConnection(way);
        connection.setSSLSocketFactory(trusting(anchors).getSocketFactory());
        connection.setConnectTimeout(15000);
        connection.setReadTimeout(15000);
        connection.setRequestProperty("Connection", "close");
        try (InputStream body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            connection.disconnect();
        }
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split("\t");
            String outcome = "unclear";
            String said = "";
            try {
                said = ask(parts[1], parts[3], parts[4], parts[5]);
                if (said.contains(parts[6])) {
                    outcome = "accepted";
                    said = "";
                }
            } catch (SocketTimeoutException late) {
                said = "no answer";
            } catch (Exception error) {
                outcome = "refused";
                said = error.toString();
            }
            System.out.println(parts[0] + "\t" + outcome + "\t" + said.replaceAll("[\n\t]", " "));
            System.out.flush();
        }
    }
}
