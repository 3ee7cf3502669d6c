package org.routingbridge.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.Settings;

/** Whether the data lake can be reached; nothing is sent to it. */
record DataLakeExamination(Settings settings, Duration patience) implements Examination {

    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    @Override
    public String subject() {
        return "data lake";
    }

    @Override
    public String mend() {
        return "look at " + Settings.nameOf("bridge.datalake.url") + " and at what stands between; its notifications"
                + " are kept meanwhile";
    }

    @Override
    public List<Observation> look() {
        URI url = settings.dataLakeUrl();
        if (url == null) {
            return List.of(Observation.well(subject(), "not looked at: there is none"));
        }
        boolean isTls = url.getScheme().equals("https");
        String origin = FailureText.origin(url.toString());
        try (Socket socket = new Socket()) {
            InetSocketAddress address = new InetSocketAddress(url.getHost().replaceAll("[\\[\\]]", ""),
                    url.getPort() >= 0 ? url.getPort() : isTls ? HTTPS : HTTP);
            if (address.isUnresolved()) {
                throw new UnknownHostException(url.getHost());
            }
            socket.connect(address, (int) patience.toMillis());
            if (isTls) {
                shakeHands(socket, address);
            }
            return List.of(Observation.well(subject(), origin + " can be reached" + (isTls ? " by TLS" : "")));
        } catch (IOException e) {
            return List.of(Observation.finding(subject(), FailureText.of(e, url.toString()), mend()));
        }
    }

    private void shakeHands(Socket plain, InetSocketAddress address) throws IOException {
        plain.setSoTimeout((int) patience.toMillis());
        try (SSLSocket socket = (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault())
                .createSocket(plain, address.getHostString(), address.getPort(), true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
        }
    }
}
