# Stands for `cargo xtask package`: empty files under the names that it gives. Nothing
# of a test with a mocked provider reads what is in them.

locals {
  folder = "${path.root}/.terraform/packages-of-tests"
}

resource "terraform_data" "packages" {
  input = local.folder

  provisioner "local-exec" {
    interpreter = ["/bin/sh", "-euc"]
    command     = <<-SH
      mkdir -p "$FOLDER/arm64" "$FOLDER/x86_64" "$FOLDER/components"
      for name in collections-run export-run payment-run account-events return-files plugin-admit; do
        : > "$FOLDER/arm64/$name.zip"
        : > "$FOLDER/x86_64/$name.zip"
      done
      for name in alert credit-rating deposit-demand log notice one-off-charge one-off-penalty service-request; do
        : > "$FOLDER/components/$name.wasm"
      done
    SH
    environment = { FOLDER = local.folder }
  }
}

output "folder" {
  description = "Where the packages are."
  value       = terraform_data.packages.output
}
