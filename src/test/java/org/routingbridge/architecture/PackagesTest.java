package org.routingbridge.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/**
 * The bridge's packages: what one needs of another goes one way.
 *
 * @see <a href="https://www.archunit.org/userguide/html/000_Index.html#_slices">ArchUnit: slices</a>
 */
class PackagesTest {

    private static final JavaClasses BRIDGE = new ClassFileImporter().importPath(Path.of("target", "classes"));

    @Test
    void thePackagesAreTheBridgesOwn() {
        // When
        JavaPackage root = BRIDGE.getPackage("org.routingbridge");

        // Then
        assertThat(root.getSubpackages()).extracting(JavaPackage::getRelativeName).contains("event", "eventbridge",
                "outbox", "store", "webhook").hasSizeGreaterThan(10);
    }

    @Test
    void noTwoPackagesNeedEachOtherNorDoMoreOfThemInACircle() {
        slices().matching("org.routingbridge.(*)..").should().beFreeOfCycles().check(BRIDGE);
    }

    @Test
    void theStoreAndTheClusterAloneSpeakSql() {
        noClasses().that().resideOutsideOfPackages("org.routingbridge.store..", "org.routingbridge.cluster..")
                .should().dependOnClassesThat().resideInAnyPackage("java.sql..", "org.sqlite..", "org.postgresql..")
                .check(BRIDGE);
    }
}
