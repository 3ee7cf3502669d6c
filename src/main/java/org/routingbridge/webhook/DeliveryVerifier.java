package org.routingbridge.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Refused;
import org.routingbridge.event.Unauthorized;
import org.routingbridge.settings.Settings;

/**
 * Lets in who holds the secret, and where it is set up, whose signature of the body is right. Every comparison takes
 * the same time whatever was sent.
 */
public final class DeliveryVerifier {

    private static final String SECRET_HEADER = "X-Webhook-Secret";
    private static final String SIGNATURE_HEADER = "X-Webhook-Signature";
    private static final String SIGNATURE_PREFIX = "sha256=";
    private static final String HMAC = "HmacSHA256";

    private final List<byte[]> secrets;
    private final SecretKeySpec signingKey;

    public DeliveryVerifier(Settings settings) {
        secrets = settings.webhookSecrets().stream().map(secret -> digest(bytes(secret))).toList();
        String hmacSecret = settings.hmacSecret();
        signingKey = hmacSecret == null ? null : new SecretKeySpec(bytes(hmacSecret), HMAC);
    }

    /**
     * @throws Refused {@code unauthorized} where the secret is missing or wrong
     */
    public void verifySecret(Delivery delivery) {
        String given = delivery.header().apply(SECRET_HEADER);
        // a header's characters are its bytes; equally long digests hide how long the secret is
        byte[] digest = digest(given == null ? new byte[0] : given.getBytes(StandardCharsets.ISO_8859_1));
        boolean match = false;
        for (byte[] secret : secrets) {
            match |= MessageDigest.isEqual(secret, digest);
        }
        if (!match) {
            throw new Unauthorized("Send the webhook's secret in the header " + SECRET_HEADER);
        }
    }

    /**
     * @throws Refused {@code unauthorized} where deliveries are to be signed and the signature is missing or wrong
     */
    public void verifySignature(Delivery delivery) {
        if (signingKey == null) {
            return;
        }
        String given = delivery.header().apply(SIGNATURE_HEADER);
        if (given == null || !given.startsWith(SIGNATURE_PREFIX)
                || !MessageDigest.isEqual(bytes(sign(delivery.body())),
                        bytes(given.substring(SIGNATURE_PREFIX.length()).toLowerCase(java.util.Locale.ROOT)))) {
            throw new Unauthorized("Sign the body: " + SIGNATURE_HEADER + ": " + SIGNATURE_PREFIX
                    + "<hex HMAC-SHA256 of the raw body>");
        }
    }

    private String sign(byte[] body) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(signingKey);
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + HMAC, e);
        }
    }

    private static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
