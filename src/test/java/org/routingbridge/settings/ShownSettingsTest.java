package org.routingbridge.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Properties;

import org.junit.jupiter.api.Test;

/** What of the settings is for other eyes. */
class ShownSettingsTest {

    private static final String HIDDEN = "shown-settings-must-not-contain-this";

    private static Map<String, String> shown(String key, String value) {
        Properties file = new Properties();
        file.setProperty(key, value);
        return Settings.shown(new SettingsSource(new Properties(), Map.of(), file));
    }

    @Test
    void ofASecretIsShownWhetherItIsSet() {
        assertThat(Settings.TABLE.keySet()).filteredOn(key -> key.matches(".*(secret|token$|authorization|password).*"))
                .hasSizeGreaterThan(5).allSatisfy(key -> {
                    assertThat(shown(key, HIDDEN)).containsEntry(key, "set");
                    assertThat(shown(key, " ")).containsEntry(key, "not set");
                });
    }

    @Test
    void ofAnAddressIsShownWhereItLeads() {
        assertThat(Settings.TABLE.keySet()).filteredOn(key -> key.matches(".*(url|endpoint)"))
                .filteredOn(key -> !key.equals("bridge.store.url")).hasSize(5).allSatisfy(key -> {
                    String address = "https://user:" + HIDDEN + "@lake.example.com:8443/" + HIDDEN + "?key=" + HIDDEN;
                    assertThat(shown(key, address)).containsEntry(key, "https://lake.example.com:8443/...");
                });
    }

    @Test
    void ofTheStoresAddressIsShownWhatIsNoSecret() {
        assertThat(shown("bridge.store.url", "jdbc:postgresql://db.example.com:5432/bridge?password=" + HIDDEN))
                .containsEntry("bridge.store.url", "jdbc:postgresql://db.example.com:5432/bridge");
        assertThat(shown("bridge.store.url", "jdbc:postgresql://me:" + HIDDEN + "@db.example.com/bridge"))
                .containsEntry("bridge.store.url", "jdbc:postgresql://db.example.com/bridge");
        assertThat(shown("bridge.port", "3000")).containsEntry("bridge.store.url", "embedded");
    }

    @Test
    void theRestIsShownWithItsDefault() {
        assertThat(shown("bridge.port", "3001")).containsEntry("bridge.port", "3001")
                .containsEntry("bridge.management.port", "9876")
                .containsEntry("bridge.cxone.base.url", "https://api.mynicecx.com")
                .containsEntry("bridge.cxone.token.url", "https://api.mynicecx.com/...");
    }

    @Test
    void someCanBeReadWhereOthersAreMissing() {
        // When
        Settings some = Settings.loadSome("bridge.management.port");

        // Then
        assertThat(some.managementPort()).isPositive();
        assertThatThrownBy(some::port).isInstanceOf(NullPointerException.class);
    }
}
