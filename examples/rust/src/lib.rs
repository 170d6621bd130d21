//! A client's tests against the box, with the openssl crate and nothing else.

#[cfg(test)]
mod tests {
    use openssl::ssl::{SslConnector, SslMethod};
    use std::error::Error;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::process::{Child, Command, Stdio};
    use std::{env, fs, process, thread, time::Duration};

    type Answer = Result<String, Box<dyn Error>>;

    struct Simulated {
        process: Child,
        ready: String,
    }

    impl Simulated {
        fn start(name: &str) -> Simulated {
            let file = env::temp_dir().join(format!("osbiz-{}-{name}.json", process::id()));
            let process = Command::new("osbiz")
                .args(["run", "--ephemeral", "--trusted", "--no-booster", "--restart-time", "0"])
                .args(["--portal-port", "0", "--wsi-port", "0", "--wsi-http-port", "0"])
                .args(["--control-port", "0", "--ready-file"])
                .arg(&file)
                .stdout(Stdio::null())
                .spawn()
                .expect("osbiz is not in the PATH");
            for _ in 0..600 {
                if let Ok(ready) = fs::read_to_string(&file) {
                    fs::remove_file(&file).unwrap();
                    return Simulated { process, ready };
                }
                thread::sleep(Duration::from_millis(50));
            }
            panic!("the box did not start");
        }

        fn control(&self, method: &str, path: &str, body: &str) -> Answer {
            let host = member(&self.ready, "control").replace("http://", "");
            let head = format!(
                "{method} /v1/{path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
                member(&self.ready, "token"),
                body.len()
            );
            let mut stream = TcpStream::connect(host)?;
            stream.write_all((head + body).as_bytes())?;
            let mut text = String::new();
            stream.read_to_string(&mut text)?;
            Ok(text)
        }
    }

    impl Drop for Simulated {
        fn drop(&mut self) {
            let box_ends = Command::new("kill").arg(self.process.id().to_string()).status();
            assert!(box_ends.unwrap().success());
            self.process.wait().unwrap();
        }
    }

    // Enough of JSON for this: the first text member of that name.
    fn member(json: &str, name: &str) -> String {
        let start = json.find(&format!("\"{name}\": \"")).expect(name) + name.len() + 5;
        let length = json[start..].find('"').unwrap();
        json[start..start + length].replace("\\n", "\n")
    }

    fn client(ca: &str) -> SslConnector {
        let mut builder = SslConnector::builder(SslMethod::tls()).unwrap();
        let anchor = openssl::x509::X509::from_pem(ca.as_bytes()).unwrap();
        builder.cert_store_mut().add_cert(anchor).unwrap();
        builder.build()
    }

    fn log_in(client: &SslConnector, wsi: &str) -> Answer {
        let host = wsi.replace("https://", "");
        let name = host.split(':').next().unwrap();
        let mut stream = client.connect(name, TcpStream::connect(&host)?)?;
        let path = "/cgi-bin/gadgetapi?cmd=Login&gsUser=100&gsPass=100-1234";
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn it_logs_in_when_it_trusts_the_authority() {
        let simulated = Simulated::start("trusting");
        let ca = member(&simulated.control("GET", "trust", "").unwrap(), "pem");
        let text = log_in(&client(&ca), &member(&simulated.ready, "wsi")).unwrap();
        assert!(text.contains("<LOGIN><ID>"), "{text}");
    }

    #[test]
    fn it_refuses_what_a_change_of_address_makes() {
        let simulated = Simulated::start("moving");
        let ca = member(&simulated.control("GET", "trust", "").unwrap(), "pem");
        let moved = simulated.control("PATCH", "box", "{\"lan_ip\": \"127.0.0.55\"}").unwrap();
        let refused = log_in(&client(&ca), &member(&moved, "wsi")).unwrap_err();
        assert!(refused.to_string().contains("certificate verify failed"), "{refused}");
    }
}
