#pragma once

#include "server/cli/shell/shell.h"

/// One function for each file of this folder: adds its verbs to the command line.
namespace voelgoed::cli {

void addLogin(CLI::App &program, Shell &shell);
void addOrganization(CLI::App &program, Shell &shell);
void addUser(CLI::App &program, Shell &shell);
void addUserOfPlatform(CLI::App &user, Shell &shell);
void addEvent(CLI::App &program, Shell &shell);
void addTicket(CLI::App &program, Shell &shell);
void addTicketFiles(CLI::App &ticket, Shell &shell);
void addDevice(CLI::App &program, Shell &shell);
void addKey(CLI::App &program, Shell &shell);
void addScans(CLI::App &program, Shell &shell);
void addAudit(CLI::App &program, Shell &shell);
void addJob(CLI::App &program, Shell &shell);
void addDoctor(CLI::App &program, Shell &shell);
void addCall(CLI::App &program, Shell &shell);
void addCompletion(CLI::App &program, Shell &shell);

} // namespace voelgoed::cli
