// One request, for `osbiz catalogue check -- java Ask.java {host} {port} {cafile}`.
// Compiled first (javac Ask.java), and run with `java -cp . Ask`, it is quicker.
import java.io.FileInputStream;
import java.net.URI;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

class Ask {
    public static void main(String[] given) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var file = new FileInputStream(given[2])) {
            int number = 0;
            for (var one : CertificateFactory.getInstance("X.509").generateCertificates(file))
                store.setCertificateEntry("trusted-" + number++, one);
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);

        var uri = URI.create("https://" + given[0] + ":" + given[1] + "/");
        var connection = (HttpsURLConnection) uri.toURL().openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());
        connection.getResponseCode(); // what it throws ends the program with status 1
    }
}
